import { OrchestratorError } from '@ai-orchestrator/protocol';
import { LEGACY_CAPABILITIES, LEGACY_VERSIONS, MODERN_VERSIONS } from './dialects.js';
import { NotUnderstood } from './http-refusal.js';
import { isObject, type JsonObject, type JsonValue } from './json.js';
import { OUR_NAME } from './our-name.js';
import type { Era, UpstreamAnswer } from './upstream.js';
import type { UpstreamLimits } from './upstream-limits.js';

/** What a server says of itself. */
export interface Greeting {
  readonly era: Era;
  readonly protocolVersion: string;
  readonly serverInfo: JsonObject | undefined;
  readonly capabilities: JsonObject;
  readonly instructions: string | undefined;
}

/** A connection that is being made. */
export interface Greeted {
  /** From now on requests are in the words of this era and version. */
  speak(era: Era, version: string): void;
  request(method: string, params: JsonObject, timeoutMs: number): Promise<UpstreamAnswer>;
  notify(method: string, params: JsonObject): void;
}

/** The server has no version in common with us, or breaks the rules of the one that it names; trying again changes nothing. */
export class Incompatible extends OrchestratorError {
  constructor(why: string) {
    super('unavailable', why);
  }
}

/** Errors that only a modern server sends: HeaderMismatch, MissingRequiredClientCapability, UnsupportedProtocolVersion [2026-07-28]. */
const MODERN_ERRORS = new Set([-32020, -32021, -32022]);
const UNSUPPORTED_VERSION = -32022;

/**
 * Finds out which era a server speaks and greets it. What is not known to be legacy is asked `server/discover` first; whatever is no
 * modern answer means legacy, not one error in particular [2026-07-28 versioning].
 *
 * @param remembered what it was found to speak before
 * @throws Incompatible no version in common; OrchestratorError it cannot be reached or does not answer
 */
export async function greet(server: Greeted, remembered: Era | undefined, limits: UpstreamLimits): Promise<Greeting> {
  const discovered = remembered === 'legacy' ? undefined : await discover(server, MODERN_VERSIONS[0], limits);
  return discovered ?? (await initialize(server, limits));
}

async function discover(server: Greeted, version: string, limits: UpstreamLimits): Promise<Greeting | undefined> {
  server.speak('modern', version);
  const answer = await asked(server, limits);
  if (answer === undefined) return undefined;
  if (answer.kind === 'result') {
    const { supportedVersions, capabilities, instructions, _meta } = answer.result;
    if (!Array.isArray(supportedVersions)) return undefined;
    const common = inCommon(MODERN_VERSIONS, supportedVersions);
    if (common === undefined) {
      refuseUnlessLegacy(supportedVersions);
      return undefined;
    }
    server.speak('modern', common);
    const serverInfo = isObject(_meta) ? _meta['io.modelcontextprotocol/serverInfo'] : undefined;
    return greeting('modern', common, serverInfo, capabilities, instructions);
  }
  if (!MODERN_ERRORS.has(answer.code)) return undefined;
  if (answer.code !== UNSUPPORTED_VERSION) {
    throw new Incompatible(`the server refuses server/discover: ${answer.code} ${answer.message}`);
  }
  const supported = isObject(answer.data) && Array.isArray(answer.data.supported) ? answer.data.supported : [];
  const other = inCommon(MODERN_VERSIONS, supported);
  if (other !== undefined && other !== version) return discover(server, other, limits);
  refuseUnlessLegacy(supported);
  return undefined;
}

async function asked(server: Greeted, limits: UpstreamLimits): Promise<UpstreamAnswer | undefined> {
  try {
    return await server.request('server/discover', {}, limits.probeMs);
  } catch (error) {
    if (error instanceof NotUnderstood) return undefined;
    // A legacy server may leave what comes before initialize unanswered.
    if (error instanceof OrchestratorError && error.errorName === 'deadline_exceeded') return undefined;
    throw error;
  }
}

/** Where there is a legacy version in common a handshake is worth trying. */
function refuseUnlessLegacy(supported: readonly JsonValue[]): void {
  if (inCommon(LEGACY_VERSIONS, supported) !== undefined) return;
  throw new Incompatible(`the server speaks ${versions(supported)}; we speak ${versions(MODERN_VERSIONS)}`);
}

async function initialize(server: Greeted, limits: UpstreamLimits): Promise<Greeting> {
  server.speak('legacy', LEGACY_VERSIONS[0]);
  const asking = { protocolVersion: LEGACY_VERSIONS[0], capabilities: LEGACY_CAPABILITIES, clientInfo: OUR_NAME };
  const answer = await server.request('initialize', asking, limits.connectMs);
  if (answer.kind === 'error') {
    throw new Incompatible(`the server refuses initialize: ${answer.code} ${answer.message.slice(0, 200)}`);
  }
  const { protocolVersion, capabilities, serverInfo, instructions } = answer.result;
  const version = inCommon(LEGACY_VERSIONS, [protocolVersion ?? '']);
  if (version === undefined) {
    throw new Incompatible(
      `the server speaks ${versions([protocolVersion ?? ''])}; we speak ${versions(LEGACY_VERSIONS)}`,
    );
  }
  server.speak('legacy', version);
  server.notify('notifications/initialized', {});
  return greeting('legacy', version, serverInfo, capabilities, instructions);
}

function greeting(
  era: Era,
  protocolVersion: string,
  serverInfo: JsonValue | undefined,
  capabilities: JsonValue | undefined,
  instructions: JsonValue | undefined,
): Greeting {
  return {
    era,
    protocolVersion,
    serverInfo: isObject(serverInfo) ? serverInfo : undefined,
    capabilities: isObject(capabilities) ? capabilities : {},
    instructions: typeof instructions === 'string' ? instructions : undefined,
  };
}

function inCommon(ours: readonly string[], theirs: readonly JsonValue[]): string | undefined {
  return ours.find((version) => theirs.includes(version));
}

function versions(list: readonly JsonValue[]): string {
  const said = list.slice(0, 8).map((version) => JSON.stringify(version).slice(0, 40));
  return said.length === 0 ? 'no version that it names' : said.join(', ');
}
