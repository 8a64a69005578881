import { Type } from '@ai-orchestrator/protocol';
import type { TInteger, TOptional } from 'typebox';

const MINUTE = 60_000;
const integer = (value: number, minimum: number, maximum: number, description: string) =>
  ({ minimum, maximum, default: value, description }) as const;

/** Every limit on what clients use up, with its bounds and default; times in milliseconds. */
const LIMITS = {
  pageSize: integer(1_000, 1, 100_000, 'Elements of one page of a listing. Many clients read the first page alone.'),
  requestTimeoutMs: integer(MINUTE, 100, 60 * MINUTE, 'For prompts, resources and completion; tools have their own.'),
  listTtlMs: integer(30_000, 0, 60 * MINUTE, 'How long modern clients may keep listings.'),
  knownClients: integer(256, 1, 1_000, 'Clients that the status names, and that are met again without a record.'),
  sessions: integer(10_000, 1, 1_000_000, 'Sessions of legacy clients.'),
  sessionsOfPrincipal: integer(256, 1, 1_000_000, 'The same of one principal; the one that idles longest makes room.'),
  sessionIdleMs: integer(
    60 * MINUTE,
    100,
    24 * 60 * MINUTE,
    'A session without a request or an open stream ends then.',
  ),
  sessionRequests: integer(256, 1, 100_000, 'Requests of one session that are worked on at once.'),
  sessionStreams: integer(64, 1, 10_000, 'Event streams of one session that are open or can be resumed.'),
  subscriptions: integer(256, 0, 10_000, 'Resources that one session or listening stream subscribes to.'),
  batch: integer(50, 1, 10_000, 'Messages of one JSON-RPC batch, which only revision 2025-03-26 has.'),
  questions: integer(16, 0, 1_000, 'Questions that one session, or one held call, waits with at once.'),
  rounds: integer(8, 0, 1_000, 'How often one call may ask a legacy client for input.'),
  replayEvents: integer(256, 0, 100_000, 'Events that one session can say again.'),
  replayBytes: integer(1_048_576, 0, 1_073_741_824, 'Characters of events that one session can say again.'),
  retryMs: integer(1_000, 0, MINUTE, 'How long clients wait before they resume a stream.'),
  pendingBytes: integer(
    1_048_576,
    1_024,
    1_073_741_824,
    'Waiting for a client that does not read; past it it is cut off.',
  ),
  keepAliveMs: integer(15_000, 100, 60 * MINUTE, 'A quiet stream or request is kept alive this often.'),
  heldCalls: integer(1_000, 0, 100_000, 'Calls that wait for the answers of modern clients.'),
  heldCallsOfPrincipal: integer(64, 0, 100_000, 'The same of one principal.'),
  heldNotices: integer(64, 0, 10_000, 'Notifications that one such call keeps until its client goes on.'),
  stateTtlMs: integer(10 * MINUTE, 100, 24 * 60 * MINUTE, 'How long a client may take to answer what it is asked.'),
  listeners: integer(1_000, 0, 100_000, 'Listening streams of modern clients.'),
  listenersOfPrincipal: integer(64, 0, 100_000, 'The same of one principal.'),
  changesEveryMs: integer(50, 1, MINUTE, 'Changes of listings are told at most this often.'),
};

/** The limits, all of them. */
export type DownstreamLimits = Readonly<Record<keyof typeof LIMITS, number>>;

/** The limits where the configuration says nothing. */
export const DEFAULT_DOWNSTREAM_LIMITS = Object.fromEntries(
  Object.entries(LIMITS).map(([name, { default: value }]) => [name, value]),
) as unknown as DownstreamLimits;

/** The limits in the configuration. */
export const DownstreamConfig = Type.Object(
  Object.fromEntries(
    Object.entries(LIMITS).map(([name, options]) => [name, Type.Optional(Type.Integer(options))]),
  ) as Readonly<Record<keyof typeof LIMITS, TOptional<TInteger>>>,
  { additionalProperties: false, description: 'What clients of /mcp may use up.' },
);
