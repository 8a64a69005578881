import type { Agent } from '../agents/agent.js';
import type { RelayedJson } from '../rpc/relayed-json.js';
import type { PendingCall, Session } from '../rpc/session.js';

/** One request on its way: everything that the router knows of it. */
export interface PendingMessage {
  readonly id: string;
  readonly agent: Agent;
  /** The agent's connection; answers and parts from another one do not count. */
  readonly session: Session;
  /** The message that the sender was handling when it sent this one. */
  readonly parent: PendingMessage | undefined;
  readonly hops: number;
  /** Monotonic ms. */
  readonly deadline: number;
  readonly traceparent: string | undefined;
  /** Who takes partial answers, and under which request id. */
  readonly partsTo: { readonly session: Session; readonly requestId: string | number } | undefined;
  readonly resolve: (answer: RelayedJson) => void;
  readonly reject: (error: Error) => void;
  /** The call to the agent. */
  call: PendingCall | undefined;
  /** Of {@link PendingMessages}. */
  nextInBucket: PendingMessage | undefined;
  /** Sequence of the next part. */
  parts: number;
}

/** The agents that a message went through, first one first. */
export function chainOf(message: PendingMessage): string[] {
  const chain: string[] = [];
  for (let m: PendingMessage | undefined = message; m !== undefined; m = m.parent) chain.unshift(m.agent.id);
  return chain;
}
