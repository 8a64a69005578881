import { Type } from '@ai-orchestrator/protocol';
import { defaultsOf, limit, schemasOf } from '../limit-table.js';

const MINUTE = 60_000;

/** Every limit on what clients use up, with its bounds and default; times in milliseconds. */
const LIMITS = {
  pageSize: limit(1_000, 1, 100_000, 'Elements of one page of a listing. Many clients read the first page alone.'),
  requestTimeoutMs: limit(MINUTE, 100, 60 * MINUTE, 'For prompts, resources and completion; tools have their own.'),
  listTtlMs: limit(30_000, 0, 60 * MINUTE, 'How long modern clients may keep listings.'),
  knownClients: limit(256, 1, 1_000, 'Clients that the status names, and that are met again without a record.'),
  sessions: limit(10_000, 1, 1_000_000, 'Sessions of legacy clients.'),
  sessionsOfPrincipal: limit(256, 1, 1_000_000, 'The same of one principal; the one that idles longest makes room.'),
  sessionIdleMs: limit(60 * MINUTE, 100, 24 * 60 * MINUTE, 'A session without a request or an open stream ends then.'),
  sessionRequests: limit(256, 1, 100_000, 'Requests of one session that are worked on at once.'),
  sessionStreams: limit(64, 1, 10_000, 'Event streams of one session that are open or can be resumed.'),
  subscriptions: limit(256, 0, 10_000, 'Resources that one session or listening stream subscribes to.'),
  batch: limit(50, 1, 10_000, 'Messages of one JSON-RPC batch, which only revision 2025-03-26 has.'),
  questions: limit(16, 0, 1_000, 'Questions that one session, or one held call, waits with at once.'),
  rounds: limit(8, 0, 1_000, 'How often one call may ask a legacy client for input.'),
  replayEvents: limit(256, 0, 100_000, 'Events that one session can say again.'),
  replayBytes: limit(1_048_576, 0, 1_073_741_824, 'Characters of events that one session can say again.'),
  retryMs: limit(1_000, 0, MINUTE, 'How long clients wait before they resume a stream.'),
  pendingBytes: limit(
    1_048_576,
    1_024,
    1_073_741_824,
    'Waiting for a client that does not read; past it it is cut off.',
  ),
  keepAliveMs: limit(15_000, 100, 60 * MINUTE, 'A quiet stream or request is kept alive this often.'),
  heldCalls: limit(1_000, 0, 100_000, 'Calls that wait for the answers of modern clients.'),
  heldCallsOfPrincipal: limit(64, 0, 100_000, 'The same of one principal.'),
  heldNotices: limit(64, 0, 10_000, 'Notifications that one such call keeps until its client goes on.'),
  stateTtlMs: limit(10 * MINUTE, 100, 24 * 60 * MINUTE, 'How long a client may take to answer what it is asked.'),
  taskPollMs: limit(1_000, 1, 60 * MINUTE, 'How often clients are to ask for a task.'),
  listeners: limit(1_000, 0, 100_000, 'Listening streams of modern clients.'),
  listenersOfPrincipal: limit(64, 0, 100_000, 'The same of one principal.'),
  followedTasksOfPrincipal: limit(
    256,
    0,
    100_000,
    'Tasks that the listening streams and waiting requests of one principal follow, each as often as it is followed.',
  ),
  logsPerSecond: limit(
    100,
    0,
    100_000,
    'Log messages of one server that belong to no request, to one session each second; others are dropped.',
  ),
  changesEveryMs: limit(50, 1, MINUTE, 'Changes of listings are told at most this often.'),
};

/** The limits, all of them. */
export type DownstreamLimits = Readonly<Record<keyof typeof LIMITS, number>>;

/** The limits where the configuration says nothing. */
export const DEFAULT_DOWNSTREAM_LIMITS: DownstreamLimits = defaultsOf(LIMITS);

/** The limits in the configuration. */
export const DownstreamConfig = Type.Object(schemasOf(LIMITS), {
  additionalProperties: false,
  description: 'What clients of /mcp may use up.',
});
