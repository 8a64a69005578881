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
  /** The conversation that it belongs to. */
  readonly contextId?: string;
  /** It goes to every agent of its context, each of whom gets an item of its own. */
  readonly toAll?: boolean;
  /** Of a sub-task: the task that it is part of. */
  readonly parentId?: string;
  /** Under this key another content was accepted before: it has to be refused. */
  readonly altered?: boolean;
}

/** The answer to a {@link Send}. */
export interface Sent extends Logged {
  readonly op: 'sent';
  readonly call: string;
  readonly key: string;
  readonly id?: string;
  /** All of them, where it goes to a context. */
  readonly ids?: readonly string[];
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

/** What a client asks for about an item, by a call; whether it came to that tells {@link Told}, or nobody knows. */
export interface Ask extends Logged {
  readonly op: 'ask';
  readonly id: string;
  readonly call: string;
  readonly what: 'cancel' | 'respond' | 'chunk' | 'redeliver' | 'discard';
  /** Idempotency key, where there is one. */
  readonly key?: string;
  /** Of an answer to a worker, or of a chunk: sha256 of what it holds, hex. */
  readonly hash?: string;
  /** Of an answer to a worker. */
  readonly inputId?: string;
  /** Of an artifact. */
  readonly chunk?: number;
  readonly last?: boolean;
}

/** The answer to an {@link Ask}. */
export interface Told extends Logged {
  readonly op: 'told';
  readonly id: string;
  readonly call: string;
  /** Of a cancellation. */
  readonly state?: string;
  /** Of a dead letter that was redelivered: the id of the new item. */
  readonly as?: string;
  /** Of a chunk: the version of the artifact that it is part of. */
  readonly version?: number;
  readonly error?: string;
}

/** A worker got the input that it had asked for. */
export interface Input extends Logged {
  readonly op: 'input';
  readonly id: string;
  readonly inputId: string;
  readonly hash: string;
}

/** One line of what a client did or saw. */
export type Operation = Send | Sent | Delivered | Settle | Settled | Ask | Told | Input;

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
  | { readonly fact: 'settled'; readonly id: string; readonly outcome: Outcome; readonly attempts: number }
  | { readonly fact: 'inputGiven'; readonly id: string; readonly inputId: string }
  | { readonly fact: 'redelivered'; readonly id: string; readonly as: string }
  | { readonly fact: 'discarded'; readonly id: string };

/** A version of what a task produced. */
export interface KeptArtifact {
  readonly version: number;
  readonly complete: boolean;
  /** Of each chunk sha256, hex. */
  readonly chunks: readonly string[];
}

/** All that is known when everything has come to rest. */
export interface Evidence {
  /** Of each agent in order; agents in any order. */
  readonly operations: readonly Operation[];
  /** Of every id that a client or the journal names; missing where the daemon does not know it. */
  readonly receipts: ReadonlyMap<string, FinalReceipt>;
  readonly journal: readonly JournalFact[];
  /** By id: the contexts whose transcript tells that it was accepted, as often as it does. */
  readonly told: ReadonlyMap<string, readonly string[]>;
  /** Ids of the dead letters that are left. */
  readonly letters: ReadonlySet<string>;
  /** What tasks produced of which a client added a chunk, by id. */
  readonly artifacts: ReadonlyMap<string, readonly KeptArtifact[]>;
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
