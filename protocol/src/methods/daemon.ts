import { Type } from '../type.js';
import { method } from '../method.js';
import { Done, Exactly, Json, Time } from '../schemas.js';

export const daemonPing = method({
  name: 'daemon.ping',
  summary: 'Answers that the daemon is there, with whatever was sent.',
  permission: 'public',
  params: Exactly({ echo: Type.Optional(Json) }),
  result: Exactly({ pong: Type.Literal(true), echo: Type.Optional(Json) }),
});

/** What became of one plugin. */
export const PluginStatus = Exactly({
  id: Type.String(),
  state: Type.Union([
    Type.Literal('started'),
    Type.Literal('failed'),
    Type.Literal('degraded'),
    Type.Literal('stopped'),
    Type.Literal('skipped'),
  ]),
  required: Type.Boolean(),
  contract: Type.String(),
  startMs: Type.Optional(Type.Number()),
  reason: Type.Optional(Type.String({ description: 'Why, and what to do.' })),
});

/** One health check's verdict. */
export const CheckStatus = Exactly({
  name: Type.String(),
  healthy: Type.Boolean(),
  reason: Type.Optional(Type.String()),
});

/** The daemon at a glance. */
export const DaemonStatus = Exactly({
  version: Type.String(),
  node: Type.String(),
  pid: Type.Integer(),
  startedAt: Time,
  uptimeMs: Type.Integer(),
  ready: Type.Boolean(),
  listeners: Type.Array(Exactly({ name: Type.String(), url: Type.String() })),
  dataDirectory: Type.String(),
  plugins: Type.Array(PluginStatus),
  checks: Type.Array(CheckStatus),
  sessions: Type.Integer(),
  agents: Type.Record(Type.String(), Type.Integer()),
  store: Exactly({ revision: Type.Integer(), state: Type.String() }),
  journal: Exactly({ sequence: Type.Integer(), hash: Type.String() }),
  loopLagMs: Exactly({ p50: Type.Number(), p99: Type.Number(), max: Type.Number() }),
  memoryBytes: Type.Integer(),
});

export const daemonStatus = method({
  name: 'daemon.status',
  summary: 'The daemon, its plugins, checks, store and journal at a glance.',
  permission: 'daemon:read',
  params: Exactly({}),
  result: DaemonStatus,
});

export const daemonSetLogLevel = method({
  name: 'daemon.setLogLevel',
  summary: 'Change the log level while running, of everything or of one plugin.',
  permission: 'daemon:admin',
  effect: true,
  params: Exactly({
    level: Type.Union([
      Type.Literal('trace'),
      Type.Literal('debug'),
      Type.Literal('info'),
      Type.Literal('warn'),
      Type.Literal('error'),
      Type.Literal('fatal'),
      Type.Literal('silent'),
    ]),
    logger: Type.Optional(Type.String({ maxLength: 128, description: 'A plugin id; everything unless said.' })),
  }),
  result: Done,
  errors: ['not_found'],
});
