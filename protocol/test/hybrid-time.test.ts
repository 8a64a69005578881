import { expect } from 'chai';
import fc from 'fast-check';
import { HYBRID_TIME, HybridClock, millisecondsOf, replicaOf } from '../src/index.js';

const A = 'a'.repeat(16);
const B = 'b'.repeat(16);

describe('a hybrid clock', () => {
  it('gives times that rise, whatever the wall clock does, and sort as text [STATE-05]', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 41), { minLength: 1, maxLength: 50 }), (walls) => {
        let wall = 0;
        const clock = new HybridClock(A, () => wall);
        const times = walls.map((now) => {
          wall = now;
          return clock.next();
        });
        expect([...new Set(times)].sort()).to.deep.equal(times);
        expect(times.filter((time) => !new RegExp(HYBRID_TIME).test(time))).to.deep.equal([]);
      }),
    );
  });

  it('is later than what it observed, and takes nothing that is too far ahead [STATE-05]', () => {
    const clock = new HybridClock(A, () => 1_000, 500);
    const ahead = new HybridClock(B, () => 1_400);
    const far = new HybridClock(B, () => 1_501);
    const seen = ahead.next();
    const taken = [clock.observe(seen), clock.observe(far.next())];
    const next = clock.next();
    expect({ taken, later: next > seen, ms: millisecondsOf(next), replica: replicaOf(next) }).to.deep.equal({
      taken: [true, false],
      later: true,
      ms: 1_400,
      replica: A,
    });
  });

  it('counts into the next millisecond when one is used up [STATE-05]', () => {
    const clock = new HybridClock(A, () => 1);
    const times = Array.from({ length: 65_537 }, () => clock.next());
    expect([times[0], times[65_535], times[65_536]]).to.deep.equal([
      `000000000001-0000-${A}`,
      `000000000001-ffff-${A}`,
      `000000000002-0000-${A}`,
    ]);
  });
});
