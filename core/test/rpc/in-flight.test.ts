import { expect } from 'chai';
import fc from 'fast-check';
import { Numbered } from '../../src/rpc/numbered.js';
import { Slots } from '../../src/rpc/slots.js';
import { IdTable } from '../../src/host/id-table.js';
import type { PendingMessage } from '../../src/messages/pending-message.js';

/** What to do: put one in, or take out the one that is at this place among all that ever were. */
const steps = fc.array(fc.option(fc.nat()), { maxLength: 400 });

describe('the tables of what is in flight', () => {
  it('number calls upwards and find each until it is taken, as a Map would [RPC-18]', () => {
    fc.assert(
      fc.property(steps, (todo) => {
        const numbered = new Numbered<{ id: number }>();
        const model = new Map<number, { id: number }>();
        const ids: number[] = [];
        for (const step of todo) {
          if (step === null || ids.length === 0) {
            const added = numbered.add((id) => ({ id }));
            expect(added.id).to.be.greaterThan(ids.at(-1) ?? 0);
            ids.push(added.id);
            model.set(added.id, added);
          } else {
            const id = ids[step % ids.length] ?? 0;
            expect(numbered.take(id)).to.equal(model.get(id));
            model.delete(id);
          }
          expect(numbered.size).to.equal(model.size);
        }
        expect(
          numbered
            .values()
            .map(({ id }) => id)
            .sort(),
        ).to.deep.equal([...model.keys()].sort());
        for (const odd of [NaN, -1, 0.5, 2 ** 53, Infinity]) expect(numbered.take(odd)).to.equal(undefined);
      }),
    );
  });

  it('keep calls and messages until they are deleted, as a Set would [RPC-14]', () => {
    fc.assert(
      fc.property(steps, (todo) => {
        const slots = new Slots<{ slot: number; message: PendingMessage }>();
        const pending = new IdTable<PendingMessage>();
        const model = new Set<number>();
        const all: { slot: number; message: PendingMessage }[] = [];
        for (const step of todo) {
          if (step === null || all.length === 0) {
            const message = { id: `id-${String(all.length)}`, nextInBucket: undefined } as PendingMessage;
            const item = { slot: -1, message };
            model.add(all.push(item) - 1);
            slots.add(item);
            pending.add(message);
          } else {
            const at = step % all.length;
            const item = all[at];
            if (item === undefined) continue;
            const was = model.delete(at);
            expect([slots.delete(item), pending.delete(item.message)]).to.deep.equal([was, was]);
          }
          expect([slots.size, pending.size]).to.deep.equal([model.size, model.size]);
        }
        const left = [...model].map((at) => `id-${String(at)}`).sort();
        expect(
          slots
            .values()
            .map(({ message }) => message.id)
            .sort(),
        ).to.deep.equal(left);
        expect(
          pending
            .values()
            .map(({ id }) => id)
            .sort(),
        ).to.deep.equal(left);
        const found = all.map(({ message }) => pending.get(message.id) === message);
        expect(found).to.deep.equal(all.map((_, at) => model.has(at)));
      }),
    );
  });
});
