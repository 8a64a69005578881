import { Type } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import { DEFAULT_DOWNSTREAM_LIMITS, DownstreamConfig, type DownstreamLimits } from './downstream/limits.js';
import { defaultsOf, limit, schemasOf } from './limit-table.js';
import { OAuthSettings } from './oauth/settings.js';
import { OutboundSettings } from './outbound/outbound-settings.js';
import { AccessSettings } from './resource/access-settings.js';
import { SERVER_ID, ServerConfig } from './upstream/server-config.js';

const MINUTE = 60_000;
const MIB = 1024 * 1024;

/** Every limit, with its bounds and default. */
const LIMITS = {
  servers: limit(200, 0, 10_000, 'Servers at most.'),
  messageBytes: limit(16 * MIB, 1024, 256 * MIB, 'A server that sends a longer message is disconnected.'),
  bytesPerSecond: limit(
    32 * MIB,
    1024,
    1024 * MIB,
    'Read of a server’s stdout each second; a faster one is slowed down.',
  ),
  unaskedPerSecond: limit(2_000, 10, 1_000_000, 'Messages that are no answers read of a server each second.'),
  floodMs: limit(
    10_000,
    100,
    10 * MINUTE,
    'A server that had to be slowed down for this long without a break is restarted.',
  ),
  garbageLines: limit(100, 0, 1_000_000, 'Lines of stdout that are no messages before a server is restarted.'),
  unreadBytes: limit(16 * MIB, 1024, 256 * MIB, 'Bytes waiting to be read by a server.'),
  requests: limit(1_000, 1, 100_000, 'Requests in flight at one server.'),
  questions: limit(32, 0, 10_000, 'Questions of one server that wait for the caller.'),
  items: limit(10_000, 1, 1_000_000, 'Tools, prompts, resources or templates kept of one server, each.'),
  pages: limit(200, 1, 100_000, 'Pages of one listing.'),
  subscriptions: limit(1_000, 0, 100_000, 'Resources subscribed to at one server.'),
  callerInstances: limit(16, 1, 10_000, 'Instances of one server with instances: per-caller.'),
  callerIdleMs: limit(5 * MINUTE, 100, 24 * 60 * MINUTE, 'An instance that no request used for this long is stopped.'),
  connectMs: limit(MINUTE, 100, 60 * MINUTE, 'Time for a server to start and shake hands.'),
  probeMs: limit(10_000, 100, 10 * MINUTE, 'Time for the answer that tells which era a server speaks.'),
  requestMs: limit(30_000, 100, 10 * MINUTE, 'Time for a request of our own, such as a page of a listing.'),
  settleMs: limit(50, 1, MINUTE, 'Listings are read again this long after a server says that they changed.'),
  leastTtlMs: limit(1_000, 100, 24 * 60 * MINUTE, 'Listings are not read again sooner, whatever the server says.'),
  goodbyeMs: limit(2_000, 1, MINUTE, 'Time for the end of a session at a server over HTTP.'),
  reopenMs: limit(1_000, 10, MINUTE, 'Until a stream that a server ended is opened again; doubled with each failure.'),
  reopenMaxMs: limit(30_000, 10, 60 * MINUTE, 'The same at most, also where the server asks for longer.'),
};

/** The limits, all of them. */
export type McpLimits = Readonly<Record<keyof typeof LIMITS, number>>;

/** Options of the plugin; without objects as defaults, so that an empty configuration needs no compiler at the start. */
export const McpConfig = Type.Object(
  {
    servers: Type.Optional(
      Type.Record(Type.String({ pattern: SERVER_ID }), ServerConfig, { description: 'MCP servers by name.' }),
    ),
    limits: Type.Optional(Type.Object(schemasOf(LIMITS), { additionalProperties: false })),
    downstream: Type.Optional(DownstreamConfig),
    skills: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        default: 0,
        description: 'Skills of agents that are offered as tools agent__SKILL, at most; provider "skills" in grants.',
      }),
    ),
    taskTools: Type.Optional(
      Type.Boolean({
        default: false,
        description:
          'Offers task_submit, task_get, task_list, task_cancel and task_respond as tools; provider "tasks" in grants.',
      }),
    ),
    outbound: Type.Optional(OutboundSettings),
    publicUrl: Type.Optional(
      Type.String({
        pattern: '^https?://[^/?#]+$',
        maxLength: 512,
        description:
          'Where browsers and clients reach this daemon, without a path: what access tokens are for, and what people are sent back to. The listener’s own URL unless said.',
      }),
    ),
    oauth: Type.Optional(OAuthSettings),
    accessTokens: Type.Optional(AccessSettings),
  },
  { additionalProperties: false },
);
/** Options of the plugin. */
export type McpConfig = Static<typeof McpConfig>;

/** The limits of a configuration, defaults filled in. */
export function limitsOf(config: Pick<McpConfig, 'limits'>): McpLimits {
  return { ...defaultsOf(LIMITS), ...config.limits };
}

/** The limits towards clients, defaults filled in. */
export function downstreamLimitsOf(config: Pick<McpConfig, 'downstream'>): DownstreamLimits {
  return { ...DEFAULT_DOWNSTREAM_LIMITS, ...config.downstream };
}
