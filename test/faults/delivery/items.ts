import type { Delivered, Evidence, FinalReceipt, JournalFact, Send, Sent, Settle, Settled } from './evidence.js';

/** Everything about the content under one idempotency key. */
export interface Submission {
  readonly key: string;
  readonly sends: Send[];
  readonly answers: Sent[];
}

/** Everything about one accepted item. */
export interface Item {
  readonly id: string;
  readonly delivered: Delivered[];
  readonly settles: Settle[];
  readonly accepted: Extract<JournalFact, { fact: 'accepted' }>[];
  readonly settled: Extract<JournalFact, { fact: 'settled' }>[];
  readonly receipt: FinalReceipt | undefined;
}

/** Evidence sorted by what it is about. */
export interface Sorted {
  readonly submissions: ReadonlyMap<string, Submission>;
  readonly items: ReadonlyMap<string, Item>;
  /** Answers to calls that settle. */
  readonly settledByCall: ReadonlyMap<string, Settled>;
  /** Keys by the hash of their content. */
  readonly keyOf: ReadonlyMap<string, string>;
}

/** Sorts evidence; keeps the order of each agent's operations. */
export function sortEvidence({ operations, receipts, journal }: Evidence): Sorted {
  const submissions = new Map<string, Submission>();
  const items = new Map<string, Item>();
  const settledByCall = new Map<string, Settled>();
  const keyOf = new Map<string, string>();
  const submission = (key: string): Submission =>
    got(submissions, key, () => ({ key, sends: [], answers: [] }) satisfies Submission);
  const item = (id: string): Item =>
    got(items, id, () => ({ id, delivered: [], settles: [], accepted: [], settled: [], receipt: receipts.get(id) }));
  for (const operation of operations) {
    switch (operation.op) {
      case 'send':
        submission(operation.key).sends.push(operation);
        if (operation.altered !== true) keyOf.set(operation.hash, operation.key);
        break;
      case 'sent':
        submission(operation.key).answers.push(operation);
        if (operation.id !== undefined) item(operation.id);
        break;
      case 'delivered':
        item(operation.id).delivered.push(operation);
        break;
      case 'settle':
        item(operation.id).settles.push(operation);
        break;
      case 'settled':
        settledByCall.set(operation.call, operation);
        break;
    }
  }
  for (const fact of journal) {
    if (fact.fact === 'accepted') item(fact.id).accepted.push(fact);
    else item(fact.id).settled.push(fact);
  }
  return { submissions, items, settledByCall, keyOf };
}

function got<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
