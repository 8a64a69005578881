import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { ContextPlan, Contexts, EnteredContext } from '../contexts/contexts.js';
import type { EntryDraft } from '../contexts/transcript-entry.js';
import { DAEMON } from '../permissions/principal.js';
import type { Principal } from '../permissions/principal.js';
import type { Put } from '../store/store.js';
import type { KeptEnvelope } from './message-text.js';
import type { Outcome } from './receipt.js';

/** The context that messages are put into. */
export interface MessageContext {
  readonly entered: EnteredContext;
  /**
   * Whether its transcript tells of them: `yes`, or the messages are refused; `ifOpen` for what goes on when it is closed; `no` for what
   * was told of before.
   */
  readonly told: 'yes' | 'ifOpen' | 'no';
}

/** What a commit of messages tells their context. */
export interface ToldContext {
  readonly puts: readonly Put[];
  done(): void;
  failed(): void;
}

/** Nothing, where messages belong to no context. */
export const NOTHING_TOLD: ToldContext = { puts: [], done: () => undefined, failed: () => undefined };

/**
 * A context for a message: for who speaks in it, or handles a message of it and says more.
 *
 * @param inherited the context of the message that is being handled
 * @throws OrchestratorError `not_found`, `permission_denied`, `context_closed`
 */
export async function enterContext(
  contexts: Contexts,
  contextId: string,
  principal: Principal,
  inherited: string | undefined,
): Promise<MessageContext> {
  if (contextId !== inherited) return { entered: await contexts.enter(contextId, principal), told: 'yes' };
  return { entered: await reenterContext(contexts, contextId), told: 'ifOpen' };
}

/** A context that messages belong to already. @throws OrchestratorError `not_found` */
export async function reenterContext(contexts: Contexts, contextId: string): Promise<EnteredContext> {
  const entered = await contexts.reenter(contextId);
  if (entered !== undefined) return entered;
  throw new OrchestratorError('not_found', `context ${contextId}`, { resource: `context/${contextId}` });
}

/**
 * Plans that messages with one payload belong to a context from then on, and what its transcript says of them: one entry, whoever gets it.
 *
 * @throws OrchestratorError `context_closed`, `limit_exceeded` when its transcript is full
 */
export function tellContext(
  { entered, told }: MessageContext,
  messages: readonly KeptEnvelope[],
  payload: string,
  payloadBytes: number,
): ToldContext {
  const plans: ContextPlan[] = [];
  const failed = (): void => {
    for (const plan of plans) plan.failed();
  };
  const says = told === 'yes' || (told === 'ifOpen' && entered.open);
  try {
    for (const { id } of messages) {
      const item = { kind: 'message', id } as const;
      const first = plans.length === 0;
      const said = payloadBytes <= entered.entryBytes ? payload : undefined;
      plans.push(entered.plan(first && says ? { item, entry: messageEntry(messages, said) } : { item }));
    }
  } catch (error) {
    failed();
    throw error;
  }
  return {
    puts: plans.flatMap(({ puts }) => puts),
    done: () => {
      for (const plan of plans) plan.done();
    },
    failed,
  };
}

/** Who sent what to whom; a payload that is too large for a transcript is only referred to. */
function messageEntry(messages: readonly KeptEnvelope[], payload: string | undefined): EntryDraft {
  const ids = messages.map(({ id }) => id);
  const [message = ''] = ids;
  const { from, fromAgent, contentType, traceparent } = messages[0] ?? {};
  return {
    by: from ?? '',
    ...(fromAgent === undefined ? {} : { agent: fromAgent }),
    type: 'messageSent',
    to: messages.map(({ to }) => to),
    ref: ids.length === 1 ? { message } : { messages: ids },
    ...(contentType === undefined ? {} : { contentType }),
    ...(traceparent === undefined ? {} : { traceId: traceparent.slice(3, 35) }),
    ...(payload === undefined ? {} : { payload }),
  };
}

/** That a message was not handled, and how it ended; that one was handled is said by its receipt alone. */
export function outcomeEntry({ id, to, traceparent }: KeptEnvelope, principal: string, outcome: Outcome): EntryDraft {
  return {
    by: principal,
    ...(principal === DAEMON.id ? {} : { agent: to }),
    type: 'messageSettled',
    ref: { message: id },
    reason: outcome,
    ...(traceparent === undefined ? {} : { traceId: traceparent.slice(3, 35) }),
  };
}
