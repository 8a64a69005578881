import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Role } from '@ai-orchestrator/protocol';
import {
  corePlugin,
  DEFAULT_ACCESS_RULES,
  DEFAULT_INSTRUMENT_LIMITS,
  DEFAULT_TOOL_RULES,
  InMemoryInstruments,
  MemoryAgentOwners,
  RoleAuthorizer,
  RuleToolAccess,
  SystemRandom,
} from '../../src/index.js';
import type { AccessRules, CoreLimits, ToolRules } from '../../src/index.js';
import type { Principal } from '../../src/permissions/principal.js';
import { startPlugin } from '../../src/plugin-testing/index.js';
import type { Call } from '../../src/rpc/call.js';
import type { RelayedJson } from '../../src/rpc/relayed-json.js';
import type { Session, Sessions } from '../../src/rpc/session.js';
import { ManualTime } from './manual-time.js';
import { MemorySession, plain } from './memory-session.js';
import { MemoryStore } from './memory-store.js';

/** A principal with one role, named after the credential. */
export function principal(id: string, role: Role = 'agent'): Principal {
  return { id, kind: 'agent', roles: [role], credentialId: `key-of-${id}` };
}

/** A call as a handler gets it; `cancel` is what the caller's `request.cancel` does. */
export interface TestCall extends Call {
  cancel(reason: string): void;
}

/** A call by a connection. */
export function callBy(session: MemorySession, method = 'test', payload?: unknown): TestCall {
  const controller = new AbortController();
  let onCancel: (reason: string) => void = () => undefined;
  return {
    method,
    id: `${method}-1`,
    principal: session.principal,
    session,
    signal: controller.signal,
    onCancel(listener) {
      onCancel = listener;
    },
    cancel(reason) {
      onCancel(reason);
    },
    traceparent: undefined,
    relayed: payload === undefined ? undefined : Buffer.from(JSON.stringify(payload)),
  };
}

/** The core plugin on a store in memory, with a time that the test moves. */
export async function startCore(
  options: {
    limits?: CoreLimits;
    store?: MemoryStore;
    time?: ManualTime;
    rules?: AccessRules;
    tools?: Partial<ToolRules>;
  } = {},
) {
  const time = options.time ?? new ManualTime();
  const store = options.store ?? new MemoryStore();
  const instruments = new InMemoryInstruments(DEFAULT_INSTRUMENT_LIMITS);
  const open = new Set<Session>();
  const sessions: Sessions = {
    get size() {
      return open.size;
    },
    draining: false,
    all: () => open,
    onAuthenticated: () => () => undefined,
    onDrain: () => () => undefined,
    drain: () => Promise.resolve(),
  };
  const authorizer = new RoleAuthorizer(options.rules ?? DEFAULT_ACCESS_RULES, time);
  const agentOwners = new MemoryAgentOwners();
  const toolAccess = new RuleToolAccess({ ...DEFAULT_TOOL_RULES, ...options.tools }, authorizer, agentOwners);
  const core = await startPlugin(corePlugin(options.limits), {
    services: {
      store,
      clock: time,
      timers: time,
      random: new SystemRandom(time),
      authorizer,
      agentOwners,
      toolAccess,
      sessions,
      instruments,
      identity: { version: '1.2.3', node: 'test' },
    },
  });
  return {
    ...core,
    /** The handlers, answering what the caller reads. */
    handlers: asRead(core.handlers),
    store,
    time,
    instruments,
    authorizer,
    toolAccess,
    /** Opens a connection of a principal. */
    connect(id: string, role?: Role): MemorySession {
      const session = new MemorySession(principal(id, role));
      open.add(session);
      session.onClose(() => open.delete(session));
      return session;
    },
  };
}

type AsRead<H> = {
  readonly [K in keyof H]: H[K] extends (params: infer P, call: Call) => infer R
    ? (params: P, call: Call) => Promise<Exclude<Awaited<R>, RelayedJson>>
    : never;
};

function asRead<H extends object>(handlers: H): AsRead<H> {
  const entries = Object.entries(handlers) as [string, (params: unknown, call: Call) => unknown][];
  return Object.fromEntries(
    entries.map(([name, handler]) => [name, async (params: unknown, call: Call) => plain(await handler(params, call))]),
  ) as AsRead<H>;
}

/** A card with these skills. */
export function card(...skills: string[]) {
  return { name: 'An agent', version: '1.0.0', skills: skills.map((id) => ({ id })) };
}

/** Name and data of the error that something fails with. */
export async function failure(attempt: () => unknown): Promise<{ name: string; [member: string]: unknown }> {
  try {
    await attempt();
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    const row = new Set(['retryable', 'hint']);
    return Object.fromEntries(Object.entries(error.data).filter(([member]) => !row.has(member))) as { name: string };
  }
  throw new Error('it did not fail');
}
