import { expect } from 'chai';
import type { Clock, Timers } from '../../src/host/time.js';
import { TimingWheel } from '../../src/rpc/timing-wheel.js';

/** A wheel whose time moves when told. */
function wheel() {
  let now = 1000;
  let tick: (() => void) | undefined;
  const clock: Clock = { now: () => now, monotonicMs: () => now };
  const timers: Timers = {
    after: () => ({ cancel: () => undefined }),
    every: (_ms, run) => {
      tick = run;
      return { cancel: () => (tick = undefined) };
    },
  };
  return {
    wheel: new TimingWheel(timers, clock, 20),
    ticking: () => tick !== undefined,
    advance(ms: number, step = 20) {
      for (const end = now + ms; now < end;) {
        now = Math.min(end, now + step);
        tick?.();
      }
    },
    now: () => now,
  };
}

describe('the timing wheel', () => {
  it('keeps the other deadlines of a tick when one cannot be handled', () => {
    const time = wheel();
    const handled: string[] = [];
    time.wheel.after(20, () => handled.push('first'));
    time.wheel.after(20, () => {
      throw new Error('no');
    });
    time.wheel.after(20, () => handled.push('last'));
    expect(() => time.advance(40)).to.throw(AggregateError, 'a deadline could not be handled');
    expect(handled.sort()).to.deep.equal(['first', 'last']);
  });

  it('fires never early and at most a tick late, also past a turn of the wheel', () => {
    const time = wheel();
    const late: number[] = [];
    for (const ms of [1, 20, 21, 399, 10_240, 10_241, 35_000]) {
      const due = time.now() + ms;
      time.wheel.after(ms, () => late.push(time.now() - due));
    }
    time.advance(40_000);
    expect({ count: late.length, wrong: late.filter((ms) => ms < 0 || ms > 20) }).to.deep.equal({
      count: 7,
      wrong: [],
    });
  });

  it('makes up for ticks that came late', () => {
    const time = wheel();
    const fired: string[] = [];
    time.wheel.after(100, () => fired.push('a'));
    time.wheel.after(5_000, () => fired.push('b'));
    time.advance(3_000, 3_000);
    time.wheel.after(50, () => fired.push('c'));
    time.advance(3_000, 500);
    expect(fired).to.deep.equal(['a', 'c', 'b']);
  });

  it('keeps no timer when nothing is due', () => {
    const time = wheel();
    const one = time.wheel.after(100, () => undefined);
    const before = time.ticking();
    one.cancel();
    one.cancel();
    expect({ before, after: time.ticking(), size: time.wheel.size }).to.deep.equal({
      before: true,
      after: false,
      size: 0,
    });
  });

  it('lets one deadline cancel another of the same tick', () => {
    const time = wheel();
    const fired: string[] = [];
    const first = time.wheel.after(40, () => {
      fired.push('first');
      second.cancel();
    });
    const second = time.wheel.after(40, () => {
      fired.push('second');
      first.cancel();
    });
    time.advance(100);
    expect(fired).to.have.length(1);
  });
});
