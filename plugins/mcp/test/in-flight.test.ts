import { expect } from 'chai';
import fc from 'fast-check';
import { InFlight } from '../src/in-flight.js';

describe('what is in flight', () => {
  it('is found by its id as in a map, whatever comes and goes', () => {
    const key = fc.oneof(fc.integer({ min: -3, max: 300 }), fc.string({ maxLength: 2 }));
    const step = fc.tuple(fc.constantFrom('set', 'delete', 'clear'), key, fc.nat());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const table = new InFlight<string | number, number>();
        const map = new Map<string | number, number>();
        for (const [what, id, value] of steps) {
          if (what === 'set') {
            table.set(id, value);
            map.set(id, value);
          } else if (what === 'delete') expect(table.delete(id)).to.equal(map.delete(id));
          else if (value % 50 === 0) {
            table.clear();
            map.clear();
          }
          expect([table.get(id), table.size]).to.deep.equal([map.get(id), map.size]);
        }
        expect([table.values().sort(), [...table].sort()]).to.deep.equal(Array(2).fill([...map.values()].sort()));
      }),
      { numRuns: 200 },
    );
  });
});
