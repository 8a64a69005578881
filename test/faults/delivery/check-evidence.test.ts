import { expect } from 'chai';
import { checkEvidence } from './check-evidence.js';
import type { Evidence, JournalFact, Operation } from './evidence.js';

/** A history in which everything is right, to be spoiled: one message is handled at its second attempt, another one expires. */
function sound() {
  const sender = { agent: 'ann' } as const;
  const recipient = { agent: 'bob' } as const;
  const operations: Operation[] = [
    { op: 'send', kind: 'message', at: 1, ...sender, call: 's1', key: 'k1', hash: 'h1', priority: 4, contextId: 'c' },
    { op: 'sent', at: 2, ...sender, call: 's1', key: 'k1', id: 'm1' },
    { op: 'send', kind: 'message', at: 3, ...sender, call: 's2', key: 'k2', hash: 'h2', priority: 4, ttlMs: 100 },
    { op: 'sent', at: 4, ...sender, call: 's2', key: 'k2', id: 'm2' },
    { op: 'send', kind: 'message', at: 5, ...sender, call: 's3', key: 'k3', hash: 'h3', priority: 4 },
    { op: 'sent', at: 6, ...sender, call: 's3', key: 'k3', error: 'inbox_full' },
    { op: 'send', kind: 'message', at: 7, ...sender, call: 's4', key: 'k1', hash: 'h9', priority: 4, altered: true },
    { op: 'sent', at: 8, ...sender, call: 's4', key: 'k1', error: 'conflict' },
    delivered({ at: 10, id: 'm1', delivery: 'd1', attempt: 1, sequence: 1, key: 'k1', hash: 'h1' }),
    delivered({ at: 11, id: 'm2', delivery: 'd2', attempt: 1, sequence: 2, key: 'k2', hash: 'h2' }),
    delivered({ at: 12, id: 'm1', delivery: 'd3', attempt: 2, sequence: 1, key: 'k1', hash: 'h1' }),
    { op: 'settle', at: 13, ...recipient, id: 'm1', delivery: 'd1', attempt: 1, as: 'handled', call: 'a1' },
    { op: 'settled', at: 14, ...recipient, id: 'm1', call: 'a1', error: 'stale_attempt' },
    { op: 'settle', at: 15, ...recipient, id: 'm1', delivery: 'd3', attempt: 2, as: 'handled', call: 'a2' },
    { op: 'settled', at: 16, ...recipient, id: 'm1', call: 'a2', outcome: 'handled' },
  ];
  const journal: JournalFact[] = [
    { fact: 'accepted', id: 'm1', hash: 'h1', agent: 'bob' },
    { fact: 'accepted', id: 'm2', hash: 'h2', agent: 'bob' },
    { fact: 'settled', id: 'm1', outcome: 'handled', attempts: 2 },
    { fact: 'settled', id: 'm2', outcome: 'expired', attempts: 1 },
  ];
  const receipts = new Map([
    ['m1', { outcome: 'handled', attempts: 2, last: 2, acceptedAt: 1000, settledAt: 1500 }],
    ['m2', { outcome: 'expired', attempts: 1, last: 1, acceptedAt: 1000, settledAt: 1100 }],
  ] as const);
  const told = new Map([['m1', ['c']]]);
  const left = { letters: new Set<string>(), artifacts: new Map() };
  return {
    operations,
    journal,
    receipts: new Map(receipts),
    told,
    ...left,
    maxAttempts: 5,
    backoffMaxMs: 0,
  } satisfies Evidence;
}

function delivered(
  what: Pick<Extract<Operation, { op: 'delivered' }>, 'at' | 'id' | 'delivery' | 'attempt' | 'key' | 'hash'> & {
    readonly sequence?: number;
  },
): Operation {
  return { op: 'delivered', agent: 'bob', priority: 4, ...what };
}

interface Spoiled extends Omit<Evidence, 'operations' | 'journal' | 'receipts' | 'told'> {
  operations: Operation[];
  journal: JournalFact[];
  receipts: Map<string, object>;
  told: Map<string, string[]>;
}

/** The rules that are broken once the evidence is spoiled. */
function brokenBy(spoil: (evidence: Spoiled) => void): string[] {
  const evidence: Spoiled = sound();
  spoil(evidence);
  return [...new Set(checkEvidence(evidence as Evidence).map(({ rule }) => rule))];
}

/** Replaces members of one operation. */
function alter(operations: Operation[], at: number, to: object): void {
  const index = operations.findIndex((operation) => operation.at === at);
  operations[index] = { ...operations[index], ...to } as Operation;
}

const PLANTED: Readonly<Record<string, (evidence: Spoiled) => void>> = {
  'accepted what nobody sent': ({ journal, receipts }) => {
    journal.push(
      { fact: 'accepted', id: 'm8', hash: 'h8' },
      { fact: 'settled', id: 'm8', outcome: 'expired', attempts: 0 },
    );
    // Known and settled otherwise.
    receipts.set('m8', { attempts: 0, last: 0, acceptedAt: 0 });
  },
  'one key, one effect': ({ journal, receipts }) => {
    journal.push(
      { fact: 'accepted', id: 'm3', hash: 'h2', agent: 'bob' },
      { fact: 'settled', id: 'm3', outcome: 'expired', attempts: 0 },
    );
    receipts.set('m3', { outcome: 'expired', attempts: 0, last: 0, acceptedAt: 1000, settledAt: 1100 });
  },
  'one key, one answer': ({ operations }) => {
    operations.push(
      { op: 'send', kind: 'message', at: 20, agent: 'ann', call: 's9', key: 'k1', hash: 'h1', priority: 4 },
      { op: 'sent', at: 21, agent: 'ann', call: 's9', key: 'k1', id: 'm2' },
    );
  },
  'accepted is recorded': ({ operations }) => {
    alter(operations, 6, { error: undefined, id: 'm1' });
  },
  'nothing accepted is unknown': ({ receipts }) => {
    receipts.delete('m2');
  },
  'refused is not accepted': ({ operations }) => {
    alter(operations, 4, { error: 'inbox_full', id: undefined });
  },
  'a key with other params is a conflict': ({ operations }) => {
    alter(operations, 8, { error: undefined, id: 'm1' });
  },
  'exactly one outcome': ({ journal }) => {
    journal.push({ fact: 'settled', id: 'm1', outcome: 'handled', attempts: 2 });
  },
  'receipt and journal agree': ({ receipts }) => {
    receipts.set('m2', { outcome: 'expired', attempts: 2, last: 2, acceptedAt: 1000, settledAt: 1100 });
  },
  'receipts equal what happened': ({ operations }) => {
    alter(operations, 3, { ttlMs: 200 });
  },
  'an acknowledged end is kept': ({ operations }) => {
    operations.push(
      { op: 'settle', at: 20, agent: 'bob', id: 'm2', delivery: 'd2', attempt: 1, as: 'failed', call: 'a3' },
      { op: 'settled', at: 21, agent: 'bob', id: 'm2', call: 'a3', outcome: 'failed' },
    );
  },
  'late acks are refused': ({ operations }) => {
    alter(operations, 13, { as: 'again' });
    alter(operations, 14, { error: undefined });
  },
  'content arrives as it was sent': ({ operations }) => {
    alter(operations, 11, { hash: 'h1' });
  },
  'nothing is delivered that was not accepted': ({ operations }) => {
    operations.push(delivered({ at: 20, id: 'm7', delivery: 'd7', attempt: 1, sequence: 7, key: 'k3', hash: 'h3' }));
  },
  'only its recipient gets an item': ({ operations }) => {
    alter(operations, 11, { agent: 'cyd' });
  },
  'attempts only rise': ({ operations }) => {
    operations.push(delivered({ at: 20, id: 'm1', delivery: 'd3', attempt: 2, sequence: 1, key: 'k1', hash: 'h1' }));
  },
  'nothing is delivered after its end': ({ operations }) => {
    operations.push(delivered({ at: 20, id: 'm1', delivery: 'd4', attempt: 3, sequence: 1, key: 'k1', hash: 'h1' }));
  },
  'a context tells of what was accepted in it': ({ told }) => {
    told.set('m1', ['c', 'c']);
    told.set('m2', ['c']);
  },
  'deliveries begin in order': ({ operations }) => {
    alter(operations, 11, { at: 9 });
  },
  'an inbox has the order of acceptance': ({ operations }) => {
    alter(operations, 10, { sequence: 2 });
    alter(operations, 11, { sequence: 1 });
    alter(operations, 11, { at: 9.5 });
  },
};

describe('the model of the delivery harness', () => {
  it('finds nothing wrong where nothing is [DELIVERY-01]', () => {
    expect(brokenBy(() => undefined)).to.deep.equal([]);
  });

  for (const [rule, spoil] of Object.entries(PLANTED)) {
    it(`finds what breaks "${rule}" [DELIVERY-01]`, () => {
      expect(brokenBy(spoil)).to.deep.equal([rule]);
    });
  }
});
