import { HybridClock } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import fc from 'fast-check';
import type { Field, MergeLimits, Operation, Policy, Write } from '../../src/state/merge/field.js';
import { observed } from '../../src/state/merge/field.js';
import { absentField, merge } from '../../src/state/merge/merge.js';
import { conflictOf, converted, textOf } from '../../src/state/merge/read.js';
import { storedField } from '../../src/state/stored-field.js';

const LIMITS: MergeLimits = { alternatives: 100, tombstones: 100, fieldBytes: 65_536 };
const KEYS = fc.constantFrom('a', 'b', 'c');
const TEXT = fc.integer({ min: 0, max: 5 }).map(String);

const OPERATIONS: Readonly<Record<Policy, fc.Arbitrary<Operation>>> = {
  refuse: fc.oneof(valueOf(TEXT), fc.constant<Operation>({ type: 'delete' })),
  'last-write': fc.oneof(valueOf(TEXT), fc.constant<Operation>({ type: 'delete' })),
  'keep-both': fc.oneof(valueOf(TEXT), fc.constant<Operation>({ type: 'delete' })),
  counter: fc.integer({ min: -9, max: 9 }).map((delta): Operation => ({ type: 'add', delta })),
  set: fc.oneof(
    fc.array(TEXT, { maxLength: 2 }).map((items): Operation => ({ type: 'insert', items })),
    fc.array(TEXT, { maxLength: 2 }).map((items): Operation => ({ type: 'remove', items })),
    valueOf(fc.uniqueArray(TEXT, { maxLength: 3 }).map((items) => `[${items.join(',')}]`)),
    fc.constant<Operation>({ type: 'delete' }),
  ),
  map: fc.oneof(
    fc.dictionary(KEYS, TEXT).map((entries): Operation => ({ type: 'set', entries: new Map(Object.entries(entries)) })),
    fc.uniqueArray(KEYS).map((keys): Operation => ({ type: 'unset', keys })),
    fc.constant<Operation>({ type: 'delete' }),
  ),
};
const POLICIES = Object.keys(OPERATIONS) as Policy[];

function valueOf(text: fc.Arbitrary<string>): fc.Arbitrary<Operation> {
  return text.map((json) => ({ type: 'value', text: json }));
}

/** What the daemon holds of one field, and what became of each write. */
class Authority {
  field: Field;
  revision = 0;
  readonly taken: Write[] = [];
  readonly refused: Write[] = [];
  readonly #last = new Map<string, string>();

  constructor(readonly policy: Policy) {
    this.field = absentField(policy);
  }

  receive(write: Write): void {
    const origin = write.origin ?? '';
    if (write.time <= (this.#last.get(origin) ?? '')) return;
    this.#last.set(origin, write.time);
    const stamped = { ...write, revision: ++this.revision };
    const { field, outcome } = merge(this.field, this.policy, stamped, LIMITS);
    this.field = field;
    (outcome === 'refused' ? this.refused : this.taken).push(stamped);
  }
}

/** One that writes without asking, and tells the authority when it can. */
class Replica {
  pending: Write[] = [];
  sees: { readonly revision: number; readonly text: string | undefined } = { revision: 0, text: undefined };
  readonly #origin: string;
  readonly #clock: HybridClock;

  constructor(index: number, skewMs: number, ticks: () => number) {
    this.#origin = String(index).padStart(16, '0');
    this.#clock = new HybridClock(this.#origin, () => ticks() + skewMs);
  }

  write(operation: Operation): void {
    const time = this.#clock.next();
    this.pending.push({
      operation,
      time,
      by: `p${this.#origin}`,
      revision: 0,
      origin: this.#origin,
      base: this.sees.revision,
    });
  }

  sync(authority: Authority, answerIsLost: boolean): void {
    for (const write of this.pending) authority.receive(write);
    if (answerIsLost) return;
    this.pending = [];
    this.sees = { revision: authority.revision, text: textOf(authority.field) };
    for (const { time } of authority.taken) this.#clock.observe(time);
  }
}

type Step = { readonly replica: number } & (
  { readonly write: Operation } | { readonly sync: true; readonly lost: boolean }
);

function stepsFor(policy: Policy): fc.Arbitrary<Step[]> {
  const replica = fc.nat(2);
  return fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.record({ replica, write: OPERATIONS[policy] }) },
      { weight: 2, arbitrary: fc.record({ replica, sync: fc.constant(true as const), lost: fc.boolean() }) },
    ),
    { maxLength: 40 },
  );
}

function play(policy: Policy, steps: readonly Step[]): { authority: Authority; replicas: Replica[] } {
  let now = 1_000_000;
  const authority = new Authority(policy);
  const replicas = [0, 1, 2].map((i) => new Replica(i, i * 7, () => now));
  for (const step of steps) {
    now += 3;
    const replica = replicas[step.replica];
    if ('write' in step) replica?.write(step.write);
    else replica?.sync(authority, step.lost);
  }
  for (let round = 0; round < 2; round++) for (const replica of replicas) replica.sync(authority, false);
  return { authority, replicas };
}

function show(field: Field): unknown {
  return [textOf(field), ...conflictOf(field).map(({ text }) => text)];
}

describe('merging', () => {
  for (const policy of POLICIES) {
    it(`by ${policy} brings three replicas together after any partitions, and answers lost [STATE-01]`, () => {
      fc.assert(
        fc.property(stepsFor(policy), (steps) => {
          const { authority, replicas } = play(policy, steps);
          expect(replicas.map(({ sees }) => sees.text)).to.deep.equal(replicas.map(() => textOf(authority.field)));
          expect(authority.taken.length + authority.refused.length).to.equal(
            steps.filter((step) => 'write' in step).length,
          );
        }),
      );
    });
  }

  for (const policy of POLICIES.filter((each) => each !== 'refuse')) {
    it(`by ${policy} gives the same in whatever order the writes of three replicas come [STATE-02]`, () => {
      const writes = fc.array(fc.tuple(fc.nat(2), OPERATIONS[policy]), { maxLength: 12 });
      fc.assert(
        fc.property(writes, fc.array(fc.nat(2), { minLength: 12, maxLength: 12 }), (made, order) => {
          const inOrder = (turns: readonly number[]): unknown => {
            const queues = [0, 1, 2].map((i) => made.map((each, at) => ({ each, at })).filter((m) => m.each[0] === i));
            const authority = new Authority(policy);
            const receive = (i: number): void => {
              const next = queues[i]?.shift();
              if (next === undefined) return;
              const origin = String(i).padStart(16, '0');
              const time = `${(1000 + next.at).toString(16).padStart(12, '0')}-0000-${origin}`;
              authority.receive({ operation: next.each[1], time, by: origin, revision: 0, origin, base: 0 });
            };
            turns.forEach(receive);
            for (const i of [0, 1, 2]) for (let n = 0; n < 12; n++) receive(i);
            return show(authority.field);
          };
          expect(inOrder(order)).to.deep.equal(inOrder([]));
        }),
      );
    });
  }

  it('by keep-both loses no write that nobody knew: it holds, or is listed beside what holds [STATE-03]', () => {
    fc.assert(
      fc.property(stepsFor('keep-both'), (steps) => {
        const { authority } = play('keep-both', steps);
        const { field, taken } = authority;
        if (field.kind !== 'plain') throw new Error('of the wrong kind');
        const listed = new Set(field.versions.map(({ text }) => text));
        const lost = taken.filter(
          (write, i) =>
            !listed.has(write.operation.type === 'value' ? write.operation.text : undefined) &&
            !taken.slice(i + 1).some((other) => observed(write, other)),
        );
        expect(lost).to.deep.equal([]);
      }),
    );
  });

  it('by refuse lists every write that came without knowing what it writes over [STATE-03]', () => {
    fc.assert(
      fc.property(stepsFor('refuse'), (steps) => {
        const { taken } = play('refuse', steps).authority;
        const blind = taken.filter((write, i) => i > 0 && !observed(taken[i - 1] ?? write, write));
        expect(blind).to.deep.equal([]);
      }),
    );
  });

  it('by counter sums every delta once, and by set keeps what nobody removed who knew of it [STATE-03]', () => {
    fc.assert(
      fc.property(stepsFor('counter'), stepsFor('set'), (counting, gathering) => {
        const { authority } = play('counter', counting);
        const deltas = authority.taken.map(({ operation }) => (operation.type === 'add' ? operation.delta : 0));
        expect(Number(textOf(authority.field) ?? 0)).to.equal(deltas.reduce((sum, delta) => sum + delta, 0));

        const { field, taken } = play('set', gathering).authority;
        const held = new Set(JSON.parse(textOf(field) ?? '[]') as number[]);
        const lost = taken.flatMap((write, i) =>
          inserted(write).filter(
            (item) =>
              !held.has(Number(item)) &&
              !taken.slice(i + 1).some((other) => removes(other, item) && observed(write, other)),
          ),
        );
        expect(lost).to.deep.equal([]);
      }),
    );
  });

  it('forgets the oldest deletions of a map past the bound, and takes nothing older than those instead [STATE-04]', () => {
    const limits = { ...LIMITS, tombstones: 1 };
    let field = absentField('map');
    const at = (ms: number): string => `${String(ms).padStart(12, '0')}-0000-${'0'.repeat(16)}`;
    const write = (operation: Operation, ms: number, revision: number, base?: number): string => {
      const stamp = {
        time: at(ms),
        by: 'a',
        revision,
        origin: `r${String(revision)}`,
        ...(base === undefined ? {} : { base }),
      };
      const result = merge(field, 'map', { operation, ...stamp }, limits);
      field = result.field;
      return result.outcome;
    };
    write({ type: 'value', text: '{"a":1,"b":2}' }, 1, 1);
    write({ type: 'unset', keys: ['a'] }, 5, 2);
    write({ type: 'unset', keys: ['b'] }, 6, 3);
    const late = write({ type: 'set', entries: new Map([['a', '9']]) }, 4, 4, 1);
    const later = write({ type: 'set', entries: new Map([['a', '8']]) }, 7, 5, 1);
    expect({ late, later, text: textOf(field) }).to.deep.equal({ late: 'kept', later: 'written', text: '{"a":8}' });
  });

  it('forgets the oldest deletions of a map that take more than a quarter of what the field may [STATE-04]', () => {
    const limits = { alternatives: 1, tombstones: 1_000, fieldBytes: 8_192 };
    let field = absentField('map');
    let most = 0;
    for (let i = 1; i <= 300; i++) {
      const key = `key-${String(i)}`;
      const stamp = { by: 'a', time: `${String(i).padStart(12, '0')}-0000-${'0'.repeat(16)}` };
      const set: Operation = { type: 'set', entries: new Map([[key, '1']]) };
      for (const operation of [set, { type: 'unset', keys: [key] } as const]) {
        ({ field } = merge(field, 'map', { operation, ...stamp, revision: i }, limits));
        most = Math.max(most, Buffer.byteLength(storedField(field)));
      }
    }
    expect([textOf(field), most > 1_500, most < 2_800]).to.deep.equal(['{}', true, true]);
  });

  it('carries a value over when a field gets another rule, where it fits [STATE-04]', () => {
    const stamp = { time: `${'1'.repeat(12)}-0000-${'0'.repeat(16)}`, by: 'a', revision: 1 };
    const write = (policy: Policy, text: string): Field =>
      merge(absentField(policy), policy, { operation: { type: 'value', text }, ...stamp }, LIMITS).field;
    const over = (field: Field, policy: Policy): unknown => {
      const result = converted(field, policy);
      return typeof result === 'string' ? result : textOf(result);
    };
    expect([
      over(write('last-write', '{"b":1,"a":2}'), 'map'),
      over(write('last-write', '[2,1,2]'), 'set'),
      over(write('last-write', '7'), 'counter'),
      over(write('map', '{"a":1}'), 'refuse'),
      over(write('last-write', '"x"'), 'counter'),
      over(absentField('last-write'), 'set'),
    ]).to.deep.equal([
      '{"a":2,"b":1}',
      '[1,2]',
      '7',
      '{"a":1}',
      'a counter takes integers that a number holds exactly',
      undefined,
    ]);
  });
});

function inserted({ operation }: Write): readonly string[] {
  if (operation.type === 'insert') return operation.items;
  return operation.type === 'value' ? (JSON.parse(operation.text) as number[]).map(String) : [];
}

function removes({ operation }: Write, item: string): boolean {
  if (operation.type === 'remove') return operation.items.includes(item);
  if (operation.type === 'value') return !(JSON.parse(operation.text) as number[]).map(String).includes(item);
  return operation.type === 'delete';
}
