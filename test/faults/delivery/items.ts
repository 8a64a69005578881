import type {
  Ask,
  Delivered,
  Evidence,
  FinalReceipt,
  Input,
  JournalFact,
  Send,
  Sent,
  Settle,
  Settled,
  Told,
} from './evidence.js';

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
  /** How it ended as a dead letter. */
  readonly letterEnds: Extract<JournalFact, { fact: 'redelivered' | 'discarded' }>[];
  readonly inputsGiven: Extract<JournalFact, { fact: 'inputGiven' }>[];
  readonly asks: Ask[];
  readonly inputs: Input[];
  readonly receipt: FinalReceipt | undefined;
}

/** Evidence sorted by what it is about. */
export interface Sorted {
  readonly submissions: ReadonlyMap<string, Submission>;
  readonly items: ReadonlyMap<string, Item>;
  /** Answers to calls that settle. */
  readonly settledByCall: ReadonlyMap<string, Settled>;
  /** Answers to calls that ask for something. */
  readonly toldByCall: ReadonlyMap<string, Told>;
  /** Of each item that a dead letter was redelivered as: the id of that. */
  readonly letterOf: ReadonlyMap<string, string>;
  /** Keys by the hash of their content. */
  readonly keyOf: ReadonlyMap<string, string>;
}

/** Sorts evidence; keeps the order of each agent's operations. */
export function sortEvidence({ operations, receipts, journal }: Evidence): Sorted {
  const submissions = new Map<string, Submission>();
  const items = new Map<string, Item>();
  const settledByCall = new Map<string, Settled>();
  const toldByCall = new Map<string, Told>();
  const letterOf = new Map<string, string>();
  const keyOf = new Map<string, string>();
  const submission = (key: string): Submission =>
    got(submissions, key, () => ({ key, sends: [], answers: [] }) satisfies Submission);
  const item = (id: string): Item =>
    got(items, id, () => ({
      id,
      delivered: [],
      settles: [],
      accepted: [],
      settled: [],
      letterEnds: [],
      inputsGiven: [],
      asks: [],
      inputs: [],
      receipt: receipts.get(id),
    }));
  for (const operation of operations) {
    switch (operation.op) {
      case 'send':
        submission(operation.key).sends.push(operation);
        if (operation.altered !== true) keyOf.set(operation.hash, operation.key);
        break;
      case 'sent':
        submission(operation.key).answers.push(operation);
        for (const id of idsIn(operation)) item(id);
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
      case 'ask':
        item(operation.id).asks.push(operation);
        break;
      case 'told':
        toldByCall.set(operation.call, operation);
        break;
      case 'input':
        item(operation.id).inputs.push(operation);
        break;
    }
  }
  for (const fact of journal) {
    switch (fact.fact) {
      case 'accepted':
        item(fact.id).accepted.push(fact);
        break;
      case 'settled':
        item(fact.id).settled.push(fact);
        break;
      case 'inputGiven':
        item(fact.id).inputsGiven.push(fact);
        break;
      case 'redelivered':
        letterOf.set(fact.as, fact.id);
        item(fact.id).letterEnds.push(fact);
        break;
      case 'discarded':
        item(fact.id).letterEnds.push(fact);
        break;
    }
  }
  return { submissions, items, settledByCall, toldByCall, letterOf, keyOf };
}

/** What was accepted, as an answer says. */
export function idsIn({ id, ids }: Sent): readonly string[] {
  return ids ?? (id === undefined ? [] : [id]);
}

/** How the item was handed over. */
export function sendOf({ accepted }: Item, { keyOf, submissions }: Sorted): Send | undefined {
  return submissions.get(keyOf.get(accepted[0]?.hash ?? '') ?? '')?.sends[0];
}

function got<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const found = map.get(key);
  if (found !== undefined) return found;
  const made = make();
  map.set(key, made);
  return made;
}
