/** How an item ends: a message's outcome, or that of a task in the same words. */
export type Outcome = 'handled' | 'failed' | 'expired' | 'deadLettered' | 'refused' | 'canceled';

/** What is handed over. */
export type Kind = 'message' | 'task';

interface Logged {
  /** Microseconds of the machine's monotonic clock, so that times of all processes compare. */
  readonly at: number;
  readonly agent: string;
}

/** A client began to hand an item over; whether it was accepted tells {@link Sent}, or nobody knows. */
export interface Send extends Logged {
  readonly op: 'send';
  readonly kind: Kind;
  readonly call: string;
  /** Idempotency key: the same one for every call about this item. */
  readonly key: string;
  /** sha256 of the content, hex. */
  readonly hash: string;
  readonly priority: number;
  readonly ttlMs?: number;
  readonly maxAttempts?: number;
  readonly contextId?: string;
  /** Under this key another content was accepted before: it has to be refused. */
  readonly altered?: boolean;
}

/** The answer to a {@link Send}. */
export interface Sent extends Logged {
  readonly op: 'sent';
  readonly call: string;
  readonly key: string;
  readonly id?: string;
  /** Name of the error, where it was refused. */
  readonly error?: string;
}

/** An attempt reached its agent. */
export interface Delivered extends Logged {
  readonly op: 'delivered';
  readonly id: string;
  readonly delivery: string;
  /** Of a task its epoch, which counts attempts that do not count, too. */
  readonly attempt: number;
  /** Place in the inbox; what has no inbox has none. */
  readonly sequence?: number;
  readonly priority: number;
  readonly key: string;
  readonly hash: string;
}

/** An agent is about to say how an attempt went; not whether anybody heard it. */
export interface Settle extends Logged {
  readonly op: 'settle';
  readonly id: string;
  readonly delivery: string;
  readonly attempt: number;
  readonly as: 'handled' | 'failed' | 'again';
  /** Where it says so by a call that is answered. */
  readonly call?: string;
}

/** The answer to a {@link Settle}. */
export interface Settled extends Logged {
  readonly op: 'settled';
  readonly id: string;
  readonly call: string;
  /** What it came to, where that is the end of the item. */
  readonly outcome?: Outcome;
  readonly error?: string;
}

/** One line of what a client did or saw. */
export type Operation = Send | Sent | Delivered | Settle | Settled;

/** What the daemon says of an item at the end. */
export interface FinalReceipt {
  readonly outcome?: Outcome;
  /** Those that count. */
  readonly attempts: number;
  /** The number of the last one. */
  readonly last: number;
  readonly acceptedAt: number;
  readonly settledAt?: number;
}

/** What the journal has of an item. */
export type JournalFact =
  | { readonly fact: 'accepted'; readonly id: string; readonly hash: string; readonly agent?: string }
  | { readonly fact: 'settled'; readonly id: string; readonly outcome: Outcome; readonly attempts: number };

/** All that is known when everything has come to rest. */
export interface Evidence {
  /** Of each agent in order; agents in any order. */
  readonly operations: readonly Operation[];
  /** Of every id that a client or the journal names; missing where the daemon does not know it. */
  readonly receipts: ReadonlyMap<string, FinalReceipt>;
  readonly journal: readonly JournalFact[];
  /** By id: the contexts whose transcript tells that it was accepted, as often as it does. */
  readonly told: ReadonlyMap<string, readonly string[]>;
  /** Attempts of an item that says nothing of them. */
  readonly maxAttempts: number;
  /** Longest wait between two attempts, ms. */
  readonly backoffMaxMs: number;
}

/** Something that must not be. */
export interface Violation {
  readonly rule: string;
  readonly what: string;
}
