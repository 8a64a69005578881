import { expect } from 'chai';
import fc from 'fast-check';
import { CircuitBreaker } from '../../../src/tools/calls/circuit-breaker.js';

const LIMITS = { breakerFailures: 3, breakerOpenMs: 100, breakerOpenMaxMs: 400, breakerTimeoutMs: 1e9 };

describe('a circuit breaker', () => {
  it('opens after failures in a row, lets one call find out, and rests longer each time that fails [TOOL-47]', () => {
    let now = 0;
    const breaker = new CircuitBreaker(LIMITS, { monotonicMs: () => now });
    const fail = (): void => breaker.failed(breaker.enter() ?? -1);

    fail();
    fail();
    breaker.succeeded(breaker.enter() ?? -1);
    fail();
    fail();
    const beforeThird = breaker.state;
    fail();
    const seen: unknown[] = [beforeThird, breaker.state, breaker.enter(), breaker.retryAfterMs];
    now = 100;
    seen.push(breaker.state);
    const probe = breaker.enter();
    seen.push(breaker.enter(), breaker.retryAfterMs);
    breaker.failed(probe ?? -1);
    seen.push(breaker.state, breaker.retryAfterMs);
    now = 300;
    breaker.abandoned(breaker.enter() ?? -1);
    breaker.succeeded(breaker.enter() ?? -1);
    seen.push(breaker.state, breaker.retryAfterMs);

    expect(seen).to.deep.equal([
      'closed',
      'open',
      undefined,
      100,
      'half-open',
      undefined,
      100,
      'open',
      200,
      'closed',
      0,
    ]);
  });

  it('lets another call find out where the one that was let through takes long [TOOL-47]', () => {
    let now = 0;
    const breaker = new CircuitBreaker(
      { ...LIMITS, breakerFailures: 1, breakerTimeoutMs: 1000 },
      { monotonicMs: () => now },
    );
    breaker.failed(breaker.enter() ?? -1);
    now = 100;
    breaker.enter();
    now = 1099;
    const seen: unknown[] = [breaker.enter(), breaker.retryAfterMs];
    now = 1100;
    breaker.succeeded(breaker.enter() ?? -1);

    expect([...seen, breaker.state]).to.deep.equal([undefined, 1, 'closed']);
  });

  it('never lets more than one call through while it is not closed, and none before its rest is over [TOOL-48]', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('enter' as const) }),
      fc.record({
        do: fc.constantFrom('succeeded' as const, 'failed' as const, 'abandoned' as const),
        which: fc.nat(20),
      }),
      fc.record({ do: fc.constant('wait' as const), ms: fc.nat(500) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let now = 0;
        const breaker = new CircuitBreaker(LIMITS, { monotonicMs: () => now });
        /** Calls under way, by what they were let through with, and in which state that was. */
        let under: { readonly period: number; readonly probe: boolean }[] = [];
        let openUntil = 0;
        let streak = 0;
        for (const each of steps) {
          const before = breaker.state;
          if (each.do === 'wait') now += each.ms;
          else if (each.do === 'enter') {
            const period = breaker.enter();
            if (before === 'open') expect(period, 'none while it is open').to.equal(undefined);
            if (before === 'closed') expect(period, 'all while it is closed').not.to.equal(undefined);
            if (period !== undefined) {
              expect(now, 'the rest is over').to.be.at.least(openUntil);
              const probe = before !== 'closed';
              if (probe) expect(under.filter((call) => call.probe && call.period === period)).to.deep.equal([]);
              under.push({ period, probe });
            }
          } else {
            const call = under[each.which % Math.max(1, under.length)];
            if (call === undefined) continue;
            under = under.filter((other) => other !== call);
            breaker[each.do](call.period);
            if (each.do === 'failed') streak++;
            if (before !== 'open' && breaker.state === 'open') {
              expect(streak, 'it has a reason to open').to.be.greaterThan(0);
              openUntil = now + breaker.retryAfterMs;
              expect(breaker.retryAfterMs).to.be.within(LIMITS.breakerOpenMs, LIMITS.breakerOpenMaxMs);
            }
            if (before === 'open') expect(breaker.state, 'what came late changes nothing').to.equal('open');
            if (breaker.state === 'closed') expect(breaker.failures).to.be.lessThan(LIMITS.breakerFailures);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
