import type { Authorizer, Clock, Instruments, Log, Random, Tasks, Timers, Tools } from '@ai-orchestrator/core/plugin';
import { LegacyTasks } from '../tasks/legacy-tasks.js';
import { ModernTasks } from '../tasks/modern-tasks.js';
import { OwnTasks } from '../tasks/own-tasks.js';
import { ServerTasks } from '../tasks/server-tasks.js';
import { TaskIds } from '../tasks/task-ids.js';
import type { Upstreams } from '../upstream/upstream.js';
import { Catalogue } from './catalogue.js';
import { Changes } from './changes.js';
import { HeldCalls } from './held-calls.js';
import { KnownClients, type KnownClient } from './known-clients.js';
import { Listeners } from './listeners.js';
import { Listings } from './listings.js';
import { ModernRounds } from './modern-rounds.js';
import { Operations } from './operations.js';
import { QuietStreams } from './quiet-streams.js';
import type { StreamSettings } from './request-stream.js';
import { SealedStates } from './sealed-state.js';
import { ServerLogs } from './server-logs.js';
import { Sessions } from './sessions.js';
import type { DownstreamLimits } from './limits.js';

const METHODS = new Set([
  'ping',
  'server/discover',
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'completion/complete',
  'logging/setLevel',
  'subscriptions/listen',
  'tasks/get',
  'tasks/update',
  'tasks/cancel',
  'tasks/list',
  'tasks/result',
]);

/** What the gateway is made over. */
export interface GatewayServices {
  readonly tools: Tools;
  readonly upstreams: Upstreams;
  readonly tasks: Tasks;
  readonly authorizer: Authorizer;
  /** Whether skills of agents are offered as tools. */
  readonly skills: boolean;
  /** The key that ids of servers' tasks are sealed with, the same after a restart. */
  readonly taskKey: () => Promise<Buffer>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly instruments: Instruments;
  readonly log: Log;
  /** Semantic version that the gateway says of itself. */
  readonly version: string;
  /** Records a client that was not known. */
  readonly met: (client: KnownClient) => void;
}

/** How the endpoint is, for people. */
export interface DownstreamStatus {
  /** Sessions of legacy clients, by the revision that they speak. */
  readonly sessions: Readonly<Record<string, number>>;
  /** Streams of modern clients that listen. */
  readonly listeners: number;
  /** Calls that wait for answers of modern clients. */
  readonly heldCalls: number;
  /** Clients of this run, the last heard of first. */
  readonly known: readonly KnownClient[];
}

/** What both eras are answered with. */
export class Gateway {
  readonly catalogue: Catalogue;
  readonly listings: Listings;
  readonly operations: Operations;
  readonly sessions: Sessions;
  readonly known: KnownClients;
  readonly held: HeldCalls;
  readonly rounds: ModernRounds;
  readonly changes: Changes;
  readonly listeners: Listeners;
  readonly logs: ServerLogs;
  readonly streams: StreamSettings;
  readonly tasks;
  readonly serverInfo;
  readonly log: Log;
  readonly requests;
  readonly clients;

  constructor(
    readonly services: GatewayServices,
    readonly limits: DownstreamLimits,
  ) {
    const { tools, upstreams, clock, timers, random, instruments, log, version, met } = services;
    this.log = log;
    this.serverInfo = { name: 'ai-orchestrator', title: 'AI Orchestrator', version };
    this.catalogue = new Catalogue(tools, upstreams);
    this.listings = new Listings(this.catalogue, limits.pageSize);
    this.operations = new Operations(tools, this.catalogue, limits.requestTimeoutMs);
    this.sessions = new Sessions(clock, timers, random, {
      sessions: limits.sessions,
      sessionsOfPrincipal: limits.sessionsOfPrincipal,
      idleMs: limits.sessionIdleMs,
      requests: limits.sessionRequests,
      questions: limits.questions,
      answerMs: limits.stateTtlMs,
      subscriptions: limits.subscriptions,
      replay: {
        events: limits.replayEvents,
        bytes: limits.replayBytes,
        streams: limits.sessionStreams,
        retryMs: limits.retryMs,
      },
    });
    this.known = new KnownClients(clock, limits.knownClients, met);
    this.held = new HeldCalls(timers, random, {
      calls: limits.heldCalls,
      callsOfPrincipal: limits.heldCallsOfPrincipal,
      waitMs: limits.stateTtlMs,
    });
    this.rounds = new ModernRounds(new SealedStates(clock, random, limits.stateTtlMs), this.held, {
      questions: limits.questions,
      notices: limits.heldNotices,
    });
    this.changes = new Changes(this.catalogue, tools, upstreams, timers, limits.changesEveryMs);
    const own = new OwnTasks(services, limits.followedTasksOfPrincipal);
    const servers = new ServerTasks(new TaskIds(services.taskKey, random), tools, upstreams, limits.requestTimeoutMs);
    const { keepMs } = services.tasks;
    const { taskPollMs } = limits;
    this.tasks = {
      own,
      modern: new ModernTasks(own, servers, keepMs, taskPollMs),
      legacy: new LegacyTasks(own, services.skills, keepMs, taskPollMs, log),
    };
    this.listeners = new Listeners(this);
    this.logs = new ServerLogs(this.catalogue, upstreams, clock, limits.logsPerSecond);
    const overflown = instruments.counter(
      'orchestrator_mcp_streams_cut_total',
      'Event streams that were cut off because their clients did not read.',
    );
    this.streams = {
      pendingBytes: limits.pendingBytes,
      overflown: () => overflown.with().add(),
      quiet: new QuietStreams(),
    };
    this.requests = instruments.counter('orchestrator_mcp_requests_total', 'Requests of MCP clients.', [
      'version',
      'method',
    ]);
    this.clients = instruments.counter('orchestrator_mcp_sessions_total', 'Sessions that MCP clients began.', [
      'version',
    ]);
    instruments.gauge('orchestrator_mcp_sessions', 'Sessions of MCP clients.', [], () => [
      { value: this.sessions.size },
    ]);
    instruments.gauge('orchestrator_mcp_held_calls', 'Calls that wait for answers of their clients.', [], () => [
      { value: this.held.size },
    ]);
  }

  /** The daemon goes away: what streams without end is ended, what is being answered is not. */
  drain(): void {
    this.listeners.end();
    for (const session of this.sessions.all()) session.stopListening();
  }

  close(): void {
    this.changes.close();
    this.logs.close();
    this.held.close();
    this.listeners.end();
    this.sessions.close();
  }

  /** Sessions by version, streams that listen, calls that wait, who speaks. */
  status(): DownstreamStatus {
    const sessions: Record<string, number> = {};
    for (const { terms } of this.sessions.all()) {
      sessions[terms.protocolVersion] = (sessions[terms.protocolVersion] ?? 0) + 1;
    }
    return { sessions, listeners: this.listeners.size, heldCalls: this.held.size, known: this.known.all() };
  }

  /** A method as a metric's label: only those that are known, since a client can make up any. */
  labelOf(method: string): string {
    return METHODS.has(method) ? method : 'other';
  }
}
