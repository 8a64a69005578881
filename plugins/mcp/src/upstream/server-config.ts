import { OrchestratorError, Type } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import { isOurs } from '../http-client/request-writer.js';
import { authorizationProblem, AuthorizationSettings } from '../oauth/settings.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const Path = Type.String({ pattern: '^/', maxLength: 4096 });
const milliseconds = (value: number, description: string, minimum = 100) =>
  Type.Optional(Type.Integer({ minimum, maximum: 24 * HOUR, default: value, description }));

/** Used where a server's configuration says nothing. */
const DEFAULTS = {
  callTimeoutMs: MINUTE,
  restart: { intensity: 5, periodMs: MINUTE, backoffMs: 500, maxBackoffMs: 30_000 },
  closeTimeoutMs: 2_000,
  stopTimeoutMs: 5_000,
};

/** The names that a server can have. */
export const SERVER_ID = '^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$';

const Sandbox = Type.Object(
  {
    network: Type.Optional(Type.Boolean({ default: false, description: 'Whether it reaches the network.' })),
    read: Type.Optional(
      Type.Array(Path, { maxItems: 64, description: 'Paths that it may read besides the system’s.' }),
    ),
    write: Type.Optional(Type.Array(Path, { maxItems: 64, description: 'Paths that it may write.' })),
  },
  { additionalProperties: false, description: 'Run it in bubblewrap.' },
);

/** One MCP server: a command that the daemon runs, or a URL. */
export const ServerConfig = Type.Object(
  {
    command: Type.Optional(
      Type.String({ pattern: '^/', maxLength: 4096, description: 'Executable file; run without a shell.' }),
    ),
    args: Type.Optional(Type.Array(Type.String({ maxLength: 32_768 }), { maxItems: 256 })),
    env: Type.Optional(
      Type.Record(Type.String({ pattern: '^[A-Za-z_][A-Za-z0-9_]{0,127}$' }), Type.String({ maxLength: 32_768 }), {
        maxProperties: 256,
        description: 'Added to a clean environment; a value can be a secret reference.',
      }),
    ),
    workingDirectory: Type.Optional(Path),
    instances: Type.Optional(
      Type.Union([Type.Literal('shared'), Type.Literal('per-caller')], {
        description: 'Whether all callers share one, or each has its own.',
      }),
    ),
    sandbox: Type.Optional(Sandbox),
    url: Type.Optional(
      Type.String({ pattern: '^https?://', maxLength: 2048, description: 'Its streamable HTTP endpoint.' }),
    ),
    headers: Type.Optional(
      Type.Record(Type.String({ pattern: "^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$" }), Type.String({ maxLength: 8192 }), {
        maxProperties: 32,
        description: 'Sent with each request; a value can be a secret reference.',
      }),
    ),
    authorization: Type.Optional(AuthorizationSettings),
    prefix: Type.Optional(
      Type.String({
        pattern: '^[A-Za-z0-9_.-]{0,64}$',
        description: 'Before the names of its tools and prompts; ID__ unless said.',
      }),
    ),
    era: Type.Optional(
      Type.Literal('legacy', {
        description:
          'Speak the legacy era with it though it speaks both, for one whose tools ask their questions in that era only.',
      }),
    ),
    capabilities: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 128 }), {
        maxItems: 16,
        description: 'What callers of its tools must have been given, such as network or secrets:github.',
      }),
    ),
    labels: Type.Optional(Type.Record(Type.String(), Type.String({ maxLength: 256 }), { maxProperties: 32 })),
    callTimeoutMs: milliseconds(DEFAULTS.callTimeoutMs, 'Time for a call of one of its tools.'),
    restart: Type.Optional(
      Type.Object(
        {
          intensity: Type.Optional(
            Type.Integer({
              minimum: 0,
              maximum: 1000,
              default: DEFAULTS.restart.intensity,
              description: 'Unexpected ends within the period after which it is given up.',
            }),
          ),
          periodMs: milliseconds(DEFAULTS.restart.periodMs, 'That period.'),
          backoffMs: milliseconds(DEFAULTS.restart.backoffMs, 'First wait before it is tried again; doubles.', 10),
          maxBackoffMs: milliseconds(DEFAULTS.restart.maxBackoffMs, 'Longest wait before it is tried again.', 10),
        },
        { additionalProperties: false },
      ),
    ),
    closeTimeoutMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10 * MINUTE,
        default: DEFAULTS.closeTimeoutMs,
        description:
          'From the end of its stdin, by which it is told to end, to TERM. With stopTimeoutMs and limits.programs.lastOutputMs it has to stay below limits.plugins.stopMs.',
      }),
    ),
    stopTimeoutMs: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 10 * MINUTE,
        default: DEFAULTS.stopTimeoutMs,
        description: 'From TERM to KILL.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** As the configuration has it. */
export type ServerConfig = Static<typeof ServerConfig>;

/** A server's configuration with its defaults. */
export interface ServerSettings extends Omit<ServerConfig, 'restart'> {
  readonly prefix: string;
  readonly callTimeoutMs: number;
  readonly restart: typeof DEFAULTS.restart;
  readonly closeTimeoutMs: number;
  readonly stopTimeoutMs: number;
}

/** How long the daemon waits when a server is stopped. */
export interface StopTimes {
  /** For the whole plugin: `limits.plugins.stopMs`. */
  readonly stopMs: number;
  /** For the last output of a program that has ended: `limits.programs.lastOutputMs`. */
  readonly lastOutputMs: number;
}

/**
 * Fills in the defaults, and checks what a schema cannot say.
 *
 * @throws OrchestratorError `invalid_params` naming the key and what was expected
 */
export function serverSettings(id: string, config: ServerConfig, times: StopTimes): ServerSettings {
  const { command, url, headers = {} } = config;
  if ((command === undefined) === (url === undefined)) throw wrong(`servers.${id}: expected either command or url`);
  const [kind, foreign] = command === undefined ? ['url', STDIO_ONLY] : ['command', HTTP_ONLY];
  const misplaced = foreign.find((key) => config[key] !== undefined);
  if (misplaced !== undefined) throw wrong(`servers.${id}.${misplaced} is of no use with ${kind}`);
  for (const [name, value] of Object.entries<string>(headers)) {
    if (isOurs(name)) throw wrong(`servers.${id}.headers.${name} is not to be set: it says how a message is read`);
    if (SECRET_HEADER.test(name) && !isReference(value)) {
      const expected = 'a reference (file:/path, env:NAME or credential:NAME), not the secret itself';
      throw wrong(`servers.${id}.headers.${name}: expected ${expected}`);
    }
  }
  const problem = authorizationProblem(config.authorization ?? {});
  if (problem !== undefined) throw wrong(`servers.${id}.authorization.${problem}`);
  const settings = {
    ...DEFAULTS,
    prefix: `${id}__`,
    ...config,
    restart: { ...DEFAULTS.restart, ...config.restart },
  };
  if (command !== undefined) mustStopInTime(id, settings, times);
  return settings;
}

/** One that may take longer to stop than the plugin would be left behind by it. */
function mustStopInTime(
  id: string,
  { closeTimeoutMs, stopTimeoutMs }: ServerSettings,
  { stopMs, lastOutputMs }: StopTimes,
): void {
  const longest = closeTimeoutMs + stopTimeoutMs + lastOutputMs;
  if (longest < stopMs) return;
  const parts = `closeTimeoutMs ${closeTimeoutMs}, stopTimeoutMs ${stopTimeoutMs} and limits.programs.lastOutputMs ${lastOutputMs}`;
  throw wrong(
    `servers.${id}: ${parts} make ${longest}, which is not below limits.plugins.stopMs ${stopMs}: lower one of them, or raise that`,
  );
}

const STDIO_ONLY: readonly (keyof ServerConfig)[] = ['args', 'env', 'workingDirectory', 'sandbox'];
const HTTP_ONLY: readonly (keyof ServerConfig)[] = ['headers', 'authorization'];
const SECRET_HEADER = /^(?:authorization|cookie|proxy-authorization|x-api-key)$/i;

/** Whether a value of the configuration refers to a secret instead of being one. */
export function isReference(value: string): boolean {
  return /^(?:file:\/|env:[A-Za-z_]|credential:)/.test(value);
}

function wrong(detail: string): OrchestratorError {
  return new OrchestratorError('invalid_params', `plugins.mcp.config.${detail}`);
}
