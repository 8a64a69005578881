import type { Agent } from '../agents/agent.js';
import type { RelayedJson } from '../rpc/relayed-json.js';
import type { PendingCall, Session } from '../rpc/session.js';
import type { Ancestor } from './lineage.js';

/** One request on its way: everything that the router knows of it. */
export interface PendingMessage extends Ancestor {
  readonly id: string;
  readonly agent: Agent;
  /** The agent's connection; answers and parts from another one do not count. */
  readonly session: Session;
  /** The message that the sender was handling when it sent this one. */
  readonly parent: Ancestor | undefined;
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
