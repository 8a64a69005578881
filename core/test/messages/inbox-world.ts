import { expect } from 'chai';
import type { CoreLimits } from '../../src/index.js';
import { callBy, card, failure, startCore } from '../support/core.js';
import { settled, type ManualTime } from '../support/manual-time.js';
import type { MemorySession, ReceivedCall } from '../support/memory-session.js';
import type { MemoryStore } from '../support/memory-store.js';

type Handlers = Awaited<ReturnType<typeof startCore>>['handlers'];

/** A message as its agent got it. */
export interface Got {
  readonly message: {
    readonly id: string;
    readonly deliveryId: string;
    readonly attempt: number;
    readonly [member: string]: unknown;
  };
  readonly payload: unknown;
}

/** A core whose agents `a`, `b` ... belong to the principal `owner`, and a sender. */
export async function withInboxes(
  agents: Record<string, object> = { a: {} },
  options: {
    limits?: CoreLimits['messages'];
    contexts?: CoreLimits['contexts'];
    store?: MemoryStore;
    time?: ManualTime;
  } = {},
) {
  const { limits: messages = {}, contexts = {}, ...rest } = options;
  const core = await startCore({ ...rest, limits: { messages, contexts } });
  const sender = core.connect('sender');
  const sessions: Record<string, MemorySession> = {};
  /** Registers an agent on a new connection, and opens its inbox unless told not to. */
  const come = async (
    agentId: string,
    changes: object = {},
    window: number | undefined = 32,
  ): Promise<MemorySession> => {
    const session = core.connect('owner');
    sessions[agentId] = session;
    await core.handlers.agentRegister({ agentId, card: { ...card('work'), ...changes } }, callBy(session));
    if (window > 0) await core.handlers.inboxOpen({ agentId, window }, callBy(session));
    await settled();
    return session;
  };
  for (const [agentId, changes] of Object.entries(agents)) await come(agentId, changes);
  const of = (agentId: string): MemorySession => sessions[agentId] ?? expect.fail(`no agent ${agentId}`);
  const handles = (agentId: string): ReceivedCall[] => of(agentId).calls.filter((c) => c.method === 'message.handle');
  return {
    ...core,
    sender,
    of,
    come,
    /** The calls of an agent that bring messages. */
    handles,
    /** The messages that an agent got, in order. */
    got: (agentId: string): Got[] => handles(agentId).map(({ params }) => params as unknown as Got),
    send: (
      agentId: string,
      payload: unknown = 'hi',
      params: Partial<Parameters<Handlers['messageSend']>[0]> = {},
      by: MemorySession = sender,
    ) => core.handlers.messageSend({ to: { agent: agentId }, ...params }, callBy(by, 'message.send', payload)),
    /** Lets the agent answer a message, the last one unless said. */
    async answer(agentId: string, answer: Parameters<ReceivedCall['answer']>[0], which = -1): Promise<void> {
      (handles(agentId).at(which) ?? expect.fail(`${agentId} got nothing`)).answer(answer);
      await settled();
    },
    receipt: (messageId: string) => core.handlers.messageReceipt({ messageId }, callBy(sender)),
    settled,
    failure,
  };
}

/** Holds the next commit back; answers how to let it go, or fail. */
export function holdCommit(store: MemoryStore): (failure?: Error) => Promise<void> {
  const commit = store.commit.bind(store);
  let release: (failure?: Error) => void = () => expect.fail('nothing was committed');
  store.commit = async (held) => {
    store.commit = commit;
    const failure = await new Promise<Error | undefined>((resolve) => (release = resolve));
    if (failure !== undefined) throw failure;
    return commit(held);
  };
  return async (failure) => {
    release(failure);
    await settled();
  };
}

/** What an error that an agent answers with looks like. */
export function error(data: object = {}, code = -32000) {
  return { kind: 'error', code, message: 'cannot do that', data } as const;
}
