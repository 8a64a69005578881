import { expect } from 'chai';
import { SteadyClock } from '../../src/host/steady-clock.js';

const START = Date.UTC(2026, 0, 1);
const HOUR = 3_600_000;

/** A wall clock that is off by what the test says, over a monotonic clock that only goes on. */
class Machine {
  monotonic = 5_000;
  off = 0;

  now(): number {
    return START + this.monotonic + this.off;
  }

  monotonicMs(): number {
    return this.monotonic;
  }
}

function machine() {
  const clock = new Machine();
  return { clock, steady: new SteadyClock(clock, { jumpMs: 60_000, believedAfterMs: HOUR }) };
}

describe('SteadyClock', () => {
  it('follows the wall clock, also where that is put right by a little', () => {
    const { clock, steady } = machine();
    const read = [0, 20_000, 70_000, 15_000].map((off) => {
      clock.monotonic += 1_000;
      clock.off = off;
      return steady.now() - clock.now();
    });
    expect(read).to.deep.equal([0, 0, 0, 0]);
  });

  it('goes on as it was while the wall clock jumps to and fro [F16]', () => {
    const { clock, steady } = machine();
    const read = [HOUR, -HOUR, -START, 14 * 365 * 24 * HOUR, 0].map((off) => {
      clock.monotonic += 1_000;
      clock.off = off;
      return steady.now() - START - clock.monotonic;
    });
    expect(read).to.deep.equal([0, 0, 0, 0, 0]);
  });

  it('believes a clock that was set once that has held', () => {
    const { clock, steady } = machine();
    clock.off = 8 * HOUR;
    const off = [0, HOUR - 1, 1].map((ms) => {
      clock.monotonic += ms;
      return steady.now() - START - clock.monotonic;
    });
    expect(off).to.deep.equal([0, 0, 8 * HOUR]);
  });

  it('begins to doubt anew with each other jump', () => {
    const { clock, steady } = machine();
    const off = [8 * HOUR, 5 * HOUR, 8 * HOUR].map((jump) => {
      clock.off = jump;
      steady.now();
      clock.monotonic += HOUR - 1;
      return steady.now() - START - clock.monotonic;
    });
    expect(off).to.deep.equal([0, 0, 0]);
  });
});
