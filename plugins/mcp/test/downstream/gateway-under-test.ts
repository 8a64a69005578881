import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InMemoryInstruments, SystemClock, SystemRandom, SystemTimers } from '@ai-orchestrator/core';
import type {
  HttpMount,
  Principal,
  Tasks,
  ToolCallRequest,
  ToolDefinition,
  ToolReply,
  Tools,
  ToolSet,
} from '@ai-orchestrator/core/plugin';
import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { KnownClient } from '../../src/downstream/known-clients.js';
import { LateDownstream } from '../../src/downstream/late-downstream.js';
import { DEFAULT_DOWNSTREAM_LIMITS, type DownstreamLimits } from '../../src/downstream/limits.js';
import { openDownstream } from '../../src/downstream/open-downstream.js';
import type { JsonObject } from '../../src/upstream/json.js';
import type {
  Upstream,
  UpstreamAnswer,
  UpstreamChange,
  UpstreamLog,
  UpstreamRequestOptions,
} from '../../src/upstream/upstream.js';

/** A tool of a test, and who may see it; everybody unless said. */
export interface TestTool extends Partial<ToolDefinition> {
  readonly name: string;
  readonly provider?: string;
  readonly seenBy?: readonly string[];
  /** Whether those who see it may not call it. */
  readonly seeOnly?: boolean;
  readonly call?: (request: ToolCallRequest, caller: Principal) => ToolReply | Promise<ToolReply>;
}

/** An upstream of a test. */
export type TestUpstream = Partial<Upstream> & {
  readonly id: string;
  readonly answer?: (method: string, params: JsonObject, options: UpstreamRequestOptions) => Promise<UpstreamAnswer>;
};

/** What a gateway under test is made of. */
export interface World {
  tools?: readonly TestTool[];
  readonly upstreams?: readonly TestUpstream[];
  readonly sets?: readonly ToolSet[];
  readonly limits?: Partial<DownstreamLimits>;
  readonly tasks?: Tasks;
  /** Whom no provider was given. */
  readonly strangers?: Set<string>;
}

/** An answer as it came. */
export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Of a JSON answer. */
  readonly body: JsonObject;
  /** Messages of an event stream. */
  readonly events: readonly { readonly id?: string; readonly data: string }[];
}

/** The gateway on a port of its own, over tools and upstreams of the test; a bearer token is the id of its principal, and `~` and when it expires. */
export async function startGateway(world: World = {}) {
  const listeners = new Set<() => void>();
  const upstreamListeners = new Set<(id: string, what: UpstreamChange) => void>();
  const logListeners = new Set<(log: UpstreamLog) => void>();
  const revoked = new Set<(credentialId: string) => void>();
  const drained = new Set<() => void>();
  const upstreams = (world.upstreams ?? []).map(upstream);
  const seen = (principal: Principal) =>
    (world.tools ?? []).filter(({ seenBy }) => seenBy?.includes(principal.id) !== false);
  const find = (principal: Principal, name: string) => seen(principal).find((tool) => tool.name === name);
  const visible = (tool: TestTool) => ({
    definition: definitions.get(tool) ?? define(tool),
    hash: JSON.stringify(tool),
    provider: tool.provider ?? 'plugin/test',
  });
  const definitions = new WeakMap<TestTool, ToolDefinition>();
  const define = (tool: TestTool): ToolDefinition => {
    const shown = Object.entries(tool).filter(([name]) => !['call', 'seenBy', 'seeOnly', 'provider'].includes(name));
    const definition = {
      version: '1.0.0',
      inputSchema: { type: 'object' },
      ...(Object.fromEntries(shown) as Pick<ToolDefinition, 'name'>),
    };
    definitions.set(tool, definition);
    return definition;
  };
  const tools: Tools = {
    addProvider: () => {
      throw new Error('none is added');
    },
    visible: (principal) =>
      seen(principal)
        .map(visible)
        .sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1)),
    find: (principal, name) => {
      const tool = find(principal, name);
      return tool && visible(tool);
    },
    search: (principal, query) =>
      seen(principal)
        .filter(({ name }) => name.includes(query))
        .map(visible),
    mayCall: (principal, { definition }) => find(principal, definition.name)?.seeOnly !== true,
    mayUse: ({ id }) => id !== 'stranger' && world.strangers?.has(id) !== true,
    call: async (caller, request) => {
      const tool = find(caller, request.name);
      if (tool === undefined) throw new OrchestratorError('not_found', 'there is no such tool');
      const reply = (await tool.call?.(request, caller)) ?? { kind: 'result', result: { content: [] } };
      return reply.kind === 'task' ? { ...reply, provider: tool.provider ?? 'plugin/test' } : reply;
    },
    revision: 1,
    onChanged: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    sets: () => world.sets ?? [],
  };
  const met: KnownClient[] = [];
  const services = {
    tools,
    upstreams: {
      all: () => upstreams,
      get: (id: string) => upstreams.find((one) => one.id === id),
      onChanged: (listener: (id: string, what: UpstreamChange) => void) => {
        upstreamListeners.add(listener);
        return () => void upstreamListeners.delete(listener);
      },
      onLogged: (listener: (log: UpstreamLog) => void) => {
        logListeners.add(listener);
        return () => void logListeners.delete(listener);
      },
    },
    tasks: world.tasks ?? noTasks(),
    authorizer: { version: 0, authorize: () => ({ allowed: true, reason: 'test' }), onChanged: () => () => undefined },
    skills: world.tasks !== undefined,
    taskKey: () => Promise.resolve(Buffer.alloc(32, 7)),
    clock: new SystemClock(),
    timers: new SystemTimers(),
    random: new SystemRandom(new SystemClock()),
    instruments: new InMemoryInstruments({ seriesPerInstrument: 100 }),
    log: silentLog,
    version: '1.2.3',
    met: (client: KnownClient) => void met.push(client),
    http: {
      loopback: true,
      url: 'http://127.0.0.1:1',
      mount: () => () => undefined,
      onDrain: (listener: () => void) => {
        drained.add(listener);
        return () => void drained.delete(listener);
      },
    },
    authentication: {
      addScheme: () => () => undefined,
      authenticate: () => Promise.resolve(undefined),
      revoke: () => undefined,
      expire: () => undefined,
      onRevoked: (listener: (credentialId: string) => void) => {
        revoked.add(listener);
        return () => void revoked.delete(listener);
      },
    },
  };
  const limits: DownstreamLimits = { ...DEFAULT_DOWNSTREAM_LIMITS, ...world.limits };
  const downstream = new LateDownstream(() => Promise.resolve(openDownstream(services, limits)));
  const mounts: readonly HttpMount[] = downstream.mounts();
  const server = createServer((request, response) => {
    const [path = ''] = (request.url ?? '').split('?');
    const mount = mounts.find((one) => one.path === path) ?? mounts.find((one) => one.path.endsWith('/'));
    if (mount === undefined || !('answer' in mount)) throw new Error('nothing is mounted there');
    const token = request.headers.authorization?.replace('Bearer ', '') ?? 'ada';
    const [id = '', expiresAt] = token.split('~');
    const body = async (): Promise<Buffer> => Buffer.concat((await request.toArray()) as Buffer[]);
    const caller: Principal = {
      id,
      kind: 'user',
      roles: ['agent'],
      credentialId: `key-${token}`,
      ...(expiresAt !== undefined && { expiresAt: Number(expiresAt) }),
    };
    Promise.resolve(mount.answer({ request, response, caller, body })).catch((error: unknown) => {
      response.statusCode = error instanceof OrchestratorError && error.errorName === 'not_found' ? 404 : 500;
      response.end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    status: () => downstream.status(),
    /** Clients that were recorded. */
    met,
    toolsChanged: () => [...listeners].forEach((listener) => listener()),
    upstreamChanged: (id: string, what: UpstreamChange) => [...upstreamListeners].forEach((one) => one(id, what)),
    logged: (log: UpstreamLog) => [...logListeners].forEach((listener) => listener(log)),
    revoke: (credentialId: string) => [...revoked].forEach((listener) => listener(credentialId)),
    drain: () => [...drained].forEach((listener) => listener()),
    async stop() {
      await downstream.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Where nobody has a task. */
function noTasks(): Tasks {
  const none = () => Promise.reject(new OrchestratorError('task_not_found'));
  return {
    keepMs: 1_000,
    takes: () => false,
    submit: none,
    get: none,
    list: () => Promise.resolve({ entries: [] }),
    cancel: none,
    respond: none,
    follow: none,
  };
}

/** A gateway under test. */
export type TestGateway = Awaited<ReturnType<typeof startGateway>>;

function upstream(given: TestUpstream): Upstream {
  const { answer, ...rest } = given;
  return {
    prefix: '',
    state: 'ready',
    era: 'legacy',
    protocolVersion: '2025-11-25',
    serverInfo: { name: given.id },
    capabilities: {},
    instructions: undefined,
    tools: [],
    prompts: [],
    resources: [],
    resourceTemplates: [],
    request: (method, params, options) =>
      answer?.(method, params, options) ?? Promise.resolve({ kind: 'error', code: -32601, message: 'no' }),
    notify: () => Promise.resolve(),
    onChanged: () => () => undefined,
    subscribeResource: () => Promise.resolve(() => Promise.resolve()),
    ...rest,
  };
}

/** Sends one HTTP request and reads its answer to the end. */
export async function send(
  gateway: { readonly port: number },
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Answered> {
  const answer = await open(gateway, method, path, headers, body);
  let text = '';
  for await (const part of answer.setEncoding('utf8') as AsyncIterable<string>) text += part;
  return answered(answer, text);
}

/** Sends one HTTP request; the answer is read by the caller. */
export function open(
  gateway: { readonly port: number },
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { port } = gateway;
    const asking = httpRequest({ host: '127.0.0.1', port, method, path, headers }, resolve);
    asking.on('error', reject);
    asking.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

function answered({ statusCode = 0, headers }: IncomingMessage, text: string): Answered {
  const json = headers['content-type'] === 'application/json';
  return {
    status: statusCode,
    headers,
    text,
    body: json ? (JSON.parse(text) as JsonObject) : {},
    events: json ? [] : eventsIn(text),
  };
}

/** The events of a stream's text. */
export function eventsIn(text: string): { id?: string; data: string }[] {
  return text.split('\n\n').flatMap((event) => {
    const lines = event.split('\n');
    const field = (name: string) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const [id, data] = [field('id'), field('data')];
    return data === undefined ? [] : [{ ...(id !== undefined && { id }), data }];
  });
}

/** How long a stream is waited for. */
const PATIENCE_MS = 60_000;

/** Events of an answer as they come. */
export class EventReader {
  #text = '';
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(readonly answer: IncomingMessage) {
    answer.setEncoding('utf8');
    answer.on('data', (part: string) => {
      this.#text += part;
      this.#wake();
    });
    const over = (): void => {
      this.#ended = true;
      this.#wake();
    };
    answer.on('end', over).on('close', over).on('error', over);
  }

  get events(): readonly { readonly id?: string; readonly data: string }[] {
    return eventsIn(this.#text.slice(0, this.#text.lastIndexOf('\n\n') + 2));
  }

  /** Messages so far, parsed. */
  get messages(): readonly JsonObject[] {
    return this.events.filter(({ data }) => data.trim() !== '').map(({ data }) => JSON.parse(data) as JsonObject);
  }

  /**
   * Resolves once there are so many messages, or those that are looked for, or the stream is over.
   *
   * @throws Error when that takes {@link PATIENCE_MS}, so that a test that fails ends what it opened
   */
  async until(enough: number | ((messages: readonly JsonObject[]) => boolean)): Promise<readonly JsonObject[]> {
    const isEnough =
      typeof enough === 'number' ? ({ length }: { readonly length: number }) => length >= enough : enough;
    const deadline = Date.now() + PATIENCE_MS;
    while (!this.#ended && !isEnough(this.messages)) await this.#more(deadline);
    return this.messages;
  }

  /** Resolves once the stream is over. @throws Error as {@link until} */
  end(): Promise<readonly JsonObject[]> {
    return this.until(() => false);
  }

  #more(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => reject(new Error(`waited in vain; so far came: ${this.#text.slice(0, 2_000)}`)),
        deadline - Date.now(),
      );
      this.#wake = () => {
        clearTimeout(late);
        resolve();
      };
    });
  }
}

const META = 'io.modelcontextprotocol/';

/** `_meta` of a modern client. */
export function modernMeta(capabilities: JsonObject = {}, more: JsonObject = {}): JsonObject {
  return {
    [`${META}protocolVersion`]: '2026-07-28',
    [`${META}clientInfo`]: { name: 'test', version: '1.0.0' },
    [`${META}clientCapabilities`]: capabilities,
    ...more,
  };
}

/** Headers of a modern request. */
export function modernHeaders(method: string, name?: string): Record<string, string> {
  return {
    ...HEADERS,
    'mcp-protocol-version': '2026-07-28',
    'mcp-method': method,
    ...(name !== undefined && { 'mcp-name': name }),
  };
}

/** Headers of any POST. */
export const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
};

/** A whole modern request. */
export function modern(
  gateway: { readonly port: number },
  method: string,
  params: JsonObject = {},
  options: { id?: string | number; capabilities?: JsonObject; meta?: JsonObject; as?: string; path?: string } = {},
): Promise<Answered> {
  const { id = 1, capabilities, meta, as, path = '/mcp' } = options;
  const name = params.name ?? params.uri ?? params.taskId;
  const headers = {
    ...modernHeaders(method, typeof name === 'string' ? name : undefined),
    ...(as !== undefined && { authorization: `Bearer ${as}` }),
  };
  return send(gateway, 'POST', path, headers, {
    jsonrpc: '2.0',
    id,
    method,
    params: { ...params, _meta: modernMeta(capabilities, meta) },
  });
}

/** A legacy client after its handshake. */
export async function connectLegacy(
  gateway: TestGateway,
  options: { capabilities?: JsonObject; version?: string; as?: string; path?: string } = {},
) {
  const { capabilities = {}, version = '2025-11-25', as = 'ada', path = '/mcp' } = options;
  const base = { ...HEADERS, authorization: `Bearer ${as}` };
  const initialized = await send(gateway, 'POST', path, base, {
    jsonrpc: '2.0',
    id: 'init',
    method: 'initialize',
    params: { protocolVersion: version, capabilities, clientInfo: { name: 'test', version: '1' } },
  });
  const session = String(initialized.headers['mcp-session-id']);
  const headers = { ...base, 'mcp-session-id': session, 'mcp-protocol-version': version };
  return {
    initialized,
    session,
    headers,
    post: (message: JsonObject) => send(gateway, 'POST', path, headers, { jsonrpc: '2.0', ...message }),
    open: (message: JsonObject) => open(gateway, 'POST', path, headers, { jsonrpc: '2.0', ...message }),
    call: (method: string, params: JsonObject = {}, id: string | number = 1) =>
      send(gateway, 'POST', path, headers, { jsonrpc: '2.0', id, method, params }),
    listen: (more: Record<string, string> = {}) =>
      open(gateway, 'GET', path, { ...headers, accept: 'text/event-stream', ...more }),
    end: () => send(gateway, 'DELETE', path, headers),
  };
}
