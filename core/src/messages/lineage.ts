import type { Session } from '../rpc/session.js';
import type { Inboxes } from './inboxes.js';

/** What an agent is at, a message or a task, when it sends a message: what that one inherits. */
export interface Ancestor {
  readonly id: string;
  readonly agent: { readonly id: string };
  readonly hops: number;
  /** Monotonic ms. */
  readonly deadline: number;
  readonly traceparent: string | undefined;
  /** The message that was being handled when this one was sent; unless it is known as {@link Ancestor.earlier}. */
  readonly parent: Ancestor | undefined;
  /** Agents that it went through before this one, first one first. */
  readonly earlier?: readonly string[];
  readonly contextId?: string | undefined;
  readonly correlationId?: string | undefined;
  /** What all began with, where it is known otherwise than by {@link Ancestor.parent}. */
  readonly rootId?: string | undefined;
}

/** Id of what a message began with. */
export function rootOf(message: Ancestor): string {
  let first = message;
  while (first.parent !== undefined) first = first.parent;
  return first.rootId ?? first.id;
}

/** The agents that a message went through, first one first. */
export function chainOf(message: Ancestor): string[] {
  const chain: string[] = [];
  for (let m: Ancestor | undefined = message; m !== undefined; m = m.parent) {
    chain.unshift(m.agent.id);
    if (m.earlier !== undefined) chain.unshift(...m.earlier);
  }
  return chain;
}

/** The durable message with this id, if this connection is handling it. */
export function handledBy(inboxes: Inboxes, id: string, session: Session): Ancestor | undefined {
  const delivery = inboxes.find(id);
  if (delivery?.session !== session || delivery.envelope === undefined) return undefined;
  const { to, hops, chain = [], traceparent, contextId, correlationId, rootId } = delivery.envelope;
  return {
    id,
    agent: { id: to },
    hops,
    deadline: Infinity,
    traceparent,
    parent: undefined,
    earlier: chain,
    contextId,
    correlationId,
    rootId,
  };
}
