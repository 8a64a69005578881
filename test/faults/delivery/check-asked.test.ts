import { expect } from 'chai';
import { checkEvidence } from './check-evidence.js';
import type { Evidence, JournalFact, KeptArtifact, Operation } from './evidence.js';

interface Spoiled {
  readonly operations: Operation[];
  readonly journal: JournalFact[];
  readonly receipts: Map<string, Evidence['receipts'] extends ReadonlyMap<string, infer R> ? R : never>;
  readonly told: Map<string, string[]>;
  readonly letters: Set<string>;
  readonly artifacts: Map<string, KeptArtifact[]>;
}

/**
 * A history in which everything is right, to be spoiled: a message to all of a context; a task that is canceled; one that asks for input
 * and produces something; and two dead letters, of which one is sent once more.
 */
function sound(): Spoiled & Evidence {
  const ann = { agent: 'ann' } as const;
  const bob = { agent: 'bob' } as const;
  let at = 0;
  const next = (): { readonly at: number } => ({ at: ++at });
  const send = (kind: 'message' | 'task', key: string, more: object = {}): Operation => {
    return { op: 'send', kind, ...next(), ...ann, call: `s-${key}`, key, hash: `h-${key}`, priority: 4, ...more };
  };
  const sent = (key: string, id: string, more: object = {}): Operation => {
    return { op: 'sent', ...next(), ...ann, call: `s-${key}`, key, id, ...more };
  };
  const delivered = (id: string, key: string, place: object = {}): Operation => {
    const what = { op: 'delivered', ...next(), ...bob, id, key } as const;
    return { ...what, delivery: `d-${id}`, attempt: 1, priority: 4, hash: `h-${key}`, ...place };
  };
  const settle = (id: string, as: 'handled' | 'again'): Operation => {
    return { op: 'settle', ...next(), ...bob, id, delivery: `d-${id}`, attempt: 1, as };
  };
  const gives = { op: 'ask', id: 'asking', ...ann, what: 'respond', inputId: 'i' } as const;
  const operations: Operation[] = [
    send('message', 'all', { toAll: true, contextId: 'talk', ttlMs: 100 }),
    sent('all', 'to-bob', { ids: ['to-bob', 'to-cyd'] }),
    send('task', 'stop'),
    sent('stop', 'stopped'),
    { op: 'ask', ...next(), ...ann, id: 'stopped', call: 'cancel', what: 'cancel' },
    { op: 'told', ...next(), ...ann, id: 'stopped', call: 'cancel', state: 'canceled' },
    send('task', 'work'),
    sent('work', 'asking'),
    delivered('asking', 'work'),
    { ...gives, ...next(), call: 'first', key: 'g1', hash: 'h-input' },
    { op: 'told', ...next(), ...ann, id: 'asking', call: 'first' },
    { ...gives, ...next(), call: 'second', key: 'g2', hash: 'h-other' },
    { op: 'told', ...next(), ...ann, id: 'asking', call: 'second', error: 'not_found' },
    { op: 'input', ...next(), ...bob, id: 'asking', inputId: 'i', hash: 'h-input' },
    { op: 'ask', ...next(), ...bob, id: 'asking', call: 'chunk', what: 'chunk', chunk: 0, last: true, hash: 'h-chunk' },
    { op: 'told', ...next(), ...bob, id: 'asking', call: 'chunk', version: 1 },
    settle('asking', 'handled'),
    send('message', 'dead', { maxAttempts: 1 }),
    sent('dead', 'letter'),
    delivered('letter', 'dead', { sequence: 1 }),
    settle('letter', 'again'),
    { op: 'ask', ...next(), agent: 'operator', id: 'letter', call: 'again', what: 'redeliver', key: 'l1' },
    { op: 'told', ...next(), agent: 'operator', id: 'letter', call: 'again', as: 'letter-again' },
    delivered('letter-again', 'dead', { sequence: 2 }),
    settle('letter-again', 'handled'),
    send('message', 'left', { maxAttempts: 1 }),
    sent('left', 'left'),
    delivered('left', 'left', { sequence: 3 }),
    settle('left', 'again'),
  ];
  const accepted = (id: string, key: string, agent = 'bob'): JournalFact => {
    return { fact: 'accepted', id, hash: `h-${key}`, agent };
  };
  const journal: JournalFact[] = [
    accepted('to-bob', 'all'),
    accepted('to-cyd', 'all', 'cyd'),
    { fact: 'settled', id: 'to-bob', outcome: 'expired', attempts: 0 },
    { fact: 'settled', id: 'to-cyd', outcome: 'expired', attempts: 0 },
    accepted('stopped', 'stop'),
    { fact: 'settled', id: 'stopped', outcome: 'canceled', attempts: 0 },
    accepted('asking', 'work'),
    { fact: 'inputGiven', id: 'asking', inputId: 'i' },
    { fact: 'settled', id: 'asking', outcome: 'handled', attempts: 1 },
    accepted('letter', 'dead'),
    { fact: 'settled', id: 'letter', outcome: 'deadLettered', attempts: 1 },
    { fact: 'redelivered', id: 'letter', as: 'letter-again' },
    accepted('letter-again', 'dead'),
    { fact: 'settled', id: 'letter-again', outcome: 'handled', attempts: 1 },
    accepted('left', 'left'),
    { fact: 'settled', id: 'left', outcome: 'deadLettered', attempts: 1 },
  ];
  const receipts: Spoiled['receipts'] = new Map();
  for (const fact of journal) {
    if (fact.fact !== 'settled') continue;
    const { id, outcome, attempts } = fact;
    receipts.set(id, { outcome, attempts, last: attempts, acceptedAt: 1000, settledAt: 1100 });
  }
  return {
    operations,
    journal,
    receipts,
    told: new Map(['to-bob', 'to-cyd'].map((id) => [id, ['talk']])),
    letters: new Set(['left']),
    artifacts: new Map([['asking', [{ version: 1, complete: true, chunks: ['h-chunk'] }]]]),
    maxAttempts: 5,
    backoffMaxMs: 0,
  };
}

/** The rules that are broken once the evidence is spoiled. */
function brokenBy(spoil: (evidence: Spoiled) => void): string[] {
  const evidence = sound();
  spoil(evidence);
  return [...new Set(checkEvidence(evidence).map(({ rule }) => rule))];
}

/** Replaces members of what fits. */
function alter(list: (Operation | JournalFact)[], fits: object, to: object): void {
  const wanted = Object.entries(fits);
  const index = list.findIndex((each) => {
    const members = new Map<string, unknown>(Object.entries(each));
    return wanted.every(([name, value]) => members.get(name) === value);
  });
  list[index] = { ...list[index], ...to } as Operation;
}

const PLANTED: Readonly<Record<string, (evidence: Spoiled) => void>> = {
  'an answer tells of all that was accepted': ({ operations }) => {
    alter(operations, { op: 'sent', key: 'all' }, { ids: ['to-bob'] });
  },
  'one key, one effect': ({ journal }) => {
    alter(journal, { fact: 'accepted', id: 'to-cyd' }, { agent: 'bob' });
  },
  'only what was asked for is canceled': ({ operations }) => {
    alter(operations, { op: 'ask', id: 'stopped' }, { id: 'asking' });
    alter(operations, { op: 'told', id: 'stopped' }, { state: undefined });
  },
  'a cancellation is as it was answered': ({ operations }) => {
    alter(operations, { op: 'told', id: 'stopped' }, { state: undefined, error: 'task_state' });
  },
  'one input, one answer': ({ operations }) => {
    alter(operations, { op: 'told', call: 'second' }, { error: undefined });
  },
  'a given input is recorded': ({ journal }) => {
    alter(journal, { fact: 'inputGiven' }, { inputId: 'j' });
  },
  'input arrives as it was given': ({ operations }) => {
    alter(operations, { op: 'input' }, { hash: 'h-other' });
  },
  'chunks in order are taken': ({ operations }) => {
    alter(operations, { op: 'told', call: 'chunk' }, { error: 'conflict' });
  },
  'an acknowledged chunk is kept': ({ artifacts }) => {
    artifacts.set('asking', [{ version: 1, complete: false, chunks: ['h-chunk'] }]);
  },
  'a dead letter ends once': ({ journal }) => {
    journal.push({ fact: 'discarded', id: 'letter' });
  },
  'only dead letters end as such': ({ journal }) => {
    journal.push({ fact: 'discarded', id: 'asking' });
  },
  'dead letters are listed until they end': ({ letters }) => {
    letters.add('letter');
    letters.delete('left');
  },
  'a dead letter is sent once more as it was': ({ journal, operations }) => {
    alter(journal, { fact: 'accepted', id: 'letter-again' }, { agent: 'cyd' });
    alter(operations, { op: 'delivered', id: 'letter-again' }, { agent: 'cyd' });
  },
  'the end of a dead letter is as it was answered': ({ operations }) => {
    alter(operations, { op: 'told', call: 'again' }, { as: 'left' });
  },
};

describe('the model of what the harness asks for', () => {
  it('finds nothing wrong where nothing is [DELIVERY-01]', () => {
    expect(brokenBy(() => undefined)).to.deep.equal([]);
  });

  for (const [rule, spoil] of Object.entries(PLANTED)) {
    it(`finds what breaks "${rule}" [DELIVERY-01]`, () => {
      expect(brokenBy(spoil)).to.deep.equal([rule]);
    });
  }
});
