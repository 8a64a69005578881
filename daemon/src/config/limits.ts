import {
  AGENT_LIMITS,
  CONTEXT_LIMITS,
  DEFAULT_AUTHENTICATION_LIMITS,
  DEFAULT_INSTRUMENT_LIMITS,
  DEFAULT_RATE_LIMITS,
  DEFAULT_SUPERVISOR_OPTIONS,
  DENIAL_DEFAULTS,
  EFFECT_LIMITS,
  MESSAGE_LIMITS,
  PLUGIN_LIMITS,
  RPC_DEFAULTS,
  TASK_LIMITS,
} from '@ai-orchestrator/core';
import { WEB_SOCKET_DEFAULTS } from '../web-socket/options.js';
import { integer, type Leaf, type Reload } from './leaf.js';

/** Nothing that is counted, in bytes or in milliseconds, is sensible past this. */
const MAXIMUM = 2 ** 40;

/** Leaves for bounds whose defaults their owner names, one line of documentation each. */
function bounds<K extends string>(
  defaults: Readonly<Record<K, number>>,
  docs: Readonly<Record<NoInfer<K>, string>>,
  reload: Reload = 'restart',
): Readonly<Record<K, Leaf<number>>> {
  const names = Object.keys(docs) as K[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      integer({ doc: docs[name], default: defaults[name], minimum: 1, maximum: MAXIMUM, reload }),
    ]),
  ) as Record<K, Leaf<number>>;
}

const { perSecond, burst, maxPrincipals } = DEFAULT_RATE_LIMITS;

/** Every bound of the core, by what it bounds. */
export const limits = {
  rpc: bounds(RPC_DEFAULTS, {
    messageBytes: 'Largest message of an authenticated client.',
    depth: 'Arrays and objects inside each other.',
    keys: 'Members of all objects of a message together.',
    idBytes: 'Longest request id.',
    batchCalls: 'Calls in a batch.',
    pendingCalls: 'Calls of one session, in each direction, that are not answered yet.',
    subscriptions: 'Subscriptions of one session.',
    unauthenticatedCalls: 'Calls that are answered before a session is authenticated.',
    authenticationMs: 'How long a session may stay unauthenticated.',
    softSendBytes:
      'Bytes not taken by a client past which its subscriptions are paused and nothing more is read from it.',
    hardSendBytes: 'Bytes not taken by a client past which it is closed as a slow consumer.',
    behindMs: 'How long a client may stay past the soft limit.',
    closeGraceMs: 'How long a client has to answer the closing handshake.',
    pingIntervalMs: 'How often a connection is pinged; silence until the next ping ends it.',
    issues: 'Issues that an invalid_params answer names.',
  }),
  webSocket: bounds(WEB_SOCKET_DEFAULTS, {
    maxFragments: 'Fragments of one message.',
    unauthenticatedBytes: 'Bytes that a connection may send before it is logged in.',
    maxUnauthenticated: 'Connections that are not logged in, at a time.',
  }),
  denials: bounds(DENIAL_DEFAULTS, {
    kinds: 'Kinds of refused calls (who, which method) that are recorded in one interval.',
    intervalMs: 'How long refusals of one kind are gathered into one record.',
  }),
  rate: bounds(
    { perSecond, burst, maxPrincipals },
    {
      perSecond: 'Calls a second of one principal in the long run.',
      burst: 'Calls of one principal at once after a rest.',
      maxPrincipals: 'Principals remembered.',
    },
    'live',
  ),
  authentication: bounds(DEFAULT_AUTHENTICATION_LIMITS, {
    failures: 'Wrong credentials of an address at once before the first ban.',
    forgiveMs: 'One failure is forgiven in this time.',
    banMs: 'The first ban of an address; each further one is twice as long.',
    maxBanMs: 'The longest ban of an address.',
    maxAddresses: 'Addresses remembered.',
    tokenCharacters: 'Longest token.',
    cachedTokens: 'Right tokens remembered of schemes that do not answer from memory.',
    cacheMs: 'How long they are remembered.',
    pending: 'Tokens that such schemes look at at once.',
    revocations: 'Revoked credentials remembered.',
  }),
  agents: bounds(AGENT_LIMITS, {
    agents: 'Agents registered at once.',
    agentsPerPrincipal: 'Agents of one principal registered at once.',
    idsPerPrincipal: 'Ids that one principal has ever claimed.',
    cardBytes: 'A card as JSON.',
    schemaNodes: 'Parts of all schemas of one card.',
    compiledSchemas: 'Compiled input schemas kept.',
    leaseMs: 'How long an agent may be gone before it is offline, unless it says so itself.',
    sweepMs: 'Between two looks for leases that ran out.',
    registerBurst: 'Registrations of one agent in a row.',
    registerIntervalMs: 'After the burst, one registration in this time.',
    flappingLeaseMs: 'Lease of an agent that flaps.',
    countedRegistrations: 'Agents whose registrations are counted at once.',
    waitingPerAgent: 'Changes of one agent that may wait for each other.',
    pageBytes: 'Cards in one page of a listing, as JSON.',
  }),
  messages: bounds(MESSAGE_LIMITS, {
    inFlightPerAgent: 'Requests that one agent works on at once.',
    inFlight: 'Requests of all agents together.',
    hops: 'Agents that one request may go through by way of others.',
    timeoutMs: 'How long a sender waits unless it says so.',
    agentErrorCharacters: 'What is passed on of the error of an agent.',
  }),
  contexts: bounds(CONTEXT_LIMITS, {
    contextsPerPrincipal: 'Contexts of one principal that are not erased.',
    participants: 'Participants of one context.',
    entries: 'Entries of one transcript.',
    bytes: 'Bytes of one transcript.',
    entryBytes: 'Bytes of one payload.',
    turnMs: 'How long a turn lasts unless the context says otherwise.',
    originalMs: 'How long entries are kept once a summary stands for them, unless the context says otherwise.',
    sweepMs: 'Between two looks for entries whose retention has ended.',
    purgePauseMs: 'At least so long between two runs that rewrite the store for erasures.',
    idleContexts: 'Contexts kept in memory when nobody uses them.',
    readers: 'Readers that may wait for new entries.',
    waitingPerContext: 'Changes of one context that may wait for each other.',
    pageBytes: 'Entries in one page, as JSON.',
  }),
  tasks: bounds(TASK_LIMITS, {
    window: 'Tasks that one agent may work on at once; a connection may ask for less.',
    queuedTasks: 'Tasks that wait for one agent, or for one kind of agent.',
    queuedBytes: 'Bytes of their inputs.',
    targets: 'Kinds of agents that tasks may wait for at once: skills with a version or labels.',
    queuedMs: 'How long a task may wait for an attempt, unless it says so itself.',
    runningMs: 'How long one attempt may take, unless the task says so.',
    totalMs: 'How long a task may take from its submission, unless it says so.',
    leaseMs: 'How long a worker without an open connection may be silent about a task.',
    graceMs: 'How long a worker whose connection ended has to come back.',
    maxAttempts: 'Attempts of a task, unless it says so.',
    backoffMs: 'Before the second attempt, doubled with each further one, unless the task says so.',
    backoffMaxMs: 'The longest of those delays.',
    depth: 'Tasks below each other.',
    fanOut: 'Sub-tasks of a task, unless it says so.',
    tree: 'Tasks below one that has no parent, at any depth.',
    events: 'Events kept of a task.',
    artifacts: 'Versions of all artifacts of a task.',
    artifactBytes: 'Bytes of all artifacts of a task.',
    inputs: 'Inputs that a worker may have asked for and not got.',
    promptBytes: 'A prompt with its schema.',
    lateResults: 'Results of attempts that were over, which are recorded of a task.',
    errorBytes: 'Data of an error.',
    waitingPerTask: 'Changes of one task that may wait for each other.',
    pullWaiters: 'Pulls that may wait at once.',
    watchers: 'Watchers that may wait for events at once.',
    sweepMs: 'Between two looks at leases and time limits.',
    keepMs: 'How long a task is kept after its end.',
    forgetMs: 'Between two looks for tasks to forget.',
  }),
  effects: bounds(EFFECT_LIMITS, {
    keepMs: 'How long the answer to an idempotency key is kept.',
    keysPerPrincipal: 'Answers kept for one principal.',
    sweepMs: 'Between two sweeps of what has expired.',
    waitingPerKey: 'Calls with one key that may wait for each other.',
  }),
  plugins: bounds(PLUGIN_LIMITS, {
    startMs: 'A plugin has to start within this time.',
    stopMs: 'A plugin has to stop within this time.',
    restarts: 'Restarts of a plugin after errors that nobody caught, within the period.',
    restartPeriodMs: 'That period.',
  }),
  programs: bounds(DEFAULT_SUPERVISOR_OPTIONS, {
    programs: 'Programs at most.',
    lineBytes: 'A longer line of a program is cut.',
    linesKept: 'Lines kept for each program.',
    bytesKept: 'Bytes of lines kept for each program.',
    linesPerSecond: 'Lines read of a stream each second.',
    bytesPerSecond: 'Bytes read of a stream each second.',
    floodMs: 'A program whose output is held back for this long without a break is killed; its restart rule decides.',
    runawayLineBytes: 'A program that writes a longer line is killed; its restart rule decides.',
    sentinelTimeoutMs: 'The sentinel has this long to confirm that it watches a new process group.',
  }),
  instruments: bounds(DEFAULT_INSTRUMENT_LIMITS, {
    seriesPerInstrument: 'Label combinations that one instrument counts apart.',
  }),
} as const;
