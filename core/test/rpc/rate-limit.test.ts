import { expect } from 'chai';
import fc from 'fast-check';
import { DEFAULT_RATE_LIMITS, TokenBuckets } from '@ai-orchestrator/core';
import type { RateLimits } from '@ai-orchestrator/core';
import type { Principal } from '@ai-orchestrator/core/plugin';

function principal(id: string, ...roles: Principal['roles'][number][]): Principal {
  return { id, kind: 'agent', roles, credentialId: `key-${id}` };
}

function buckets(limits: Partial<RateLimits>) {
  const time = { ms: 0 };
  const clock = { now: () => time.ms, monotonicMs: () => time.ms };
  return { time, limiter: new TokenBuckets(clock, { ...DEFAULT_RATE_LIMITS, ...limits }) };
}

describe('rate limit', () => {
  it('grants a burst, then says how long to wait, and grants again after that [ACCESS-01]', () => {
    const { time, limiter } = buckets({ perSecond: 10, burst: 2 });
    const ana = principal('ana');
    const answers = [limiter.take(ana), limiter.take(ana), limiter.take(ana)];
    time.ms += 100;
    answers.push(limiter.take(ana), limiter.take(ana));
    expect(answers).to.deep.equal([0, 0, 100, 0, 100]);
  });

  it('keeps the allowances of principals apart', () => {
    const { limiter } = buckets({ perSecond: 1, burst: 1 });
    expect([limiter.take(principal('ana')), limiter.take(principal('ben'))]).to.deep.equal([0, 0]);
  });

  it('gives a role its own rate, the most generous of several [ACCESS-02]', () => {
    const roles = { admin: { perSecond: 100, burst: 3 }, observer: { perSecond: 1, burst: 1 } };
    const { limiter } = buckets({ perSecond: 5, burst: 2, roles });
    const granted = (who: Principal) => Array.from({ length: 5 }, () => limiter.take(who)).filter((ms) => ms === 0);
    expect([
      granted(principal('root', 'observer', 'admin')).length,
      granted(principal('agent', 'agent')).length,
      granted(principal('eye', 'observer')).length,
    ]).to.deep.equal([3, 2, 1]);
  });

  it('gives each key of a principal the rate of its roles, whichever is seen first [ACCESS-29]', () => {
    const roles = { admin: { perSecond: 100, burst: 3 }, agent: { perSecond: 1, burst: 1 } };
    const [strong, weak] = [principal('ana', 'admin'), principal('ana', 'agent')];
    const granted = [
      [strong, weak],
      [weak, strong],
    ].map((order) => {
      const { limiter } = buckets({ roles });
      const counts = new Map(
        order.map((who) => [who, Array.from({ length: 5 }, () => limiter.take(who)).filter((ms) => ms === 0).length]),
      );
      return { strong: counts.get(strong), weak: counts.get(weak) };
    });
    expect(granted).to.deep.equal([
      { strong: 3, weak: 1 },
      { strong: 3, weak: 1 },
    ]);
  });

  it('counts a cost above the burst as the burst, so that it is granted after a rest', () => {
    const { time, limiter } = buckets({ perSecond: 1000, burst: 10 });
    const ana = principal('ana');
    limiter.take(ana);
    const wait = limiter.take(ana, 50);
    time.ms += wait;
    expect([wait, limiter.take(ana, 50)]).to.deep.equal([1, 0]);
  });

  it('remembers a bounded number of principals, and forgets full buckets first [ACCESS-03]', () => {
    const { time, limiter } = buckets({ perSecond: 1, burst: 1, maxPrincipals: 4 });
    for (const id of ['a', 'b', 'c']) limiter.take(principal(id));
    time.ms += 1000;
    limiter.take(principal('d'));
    for (let i = 0; i < 3; i++) limiter.take(principal(`new-${i}`));
    expect([limiter.size, limiter.take(principal('d'))]).to.deep.equal([4, 1000]);
  });

  it('refuses limits that could never grant anything', () => {
    expect(() => buckets({ perSecond: 0 })).to.throw(RangeError, 'perSecond must be above 0');
    expect(() => buckets({ roles: { agent: { perSecond: 1, burst: 0 } } })).to.throw(RangeError, 'agent');
    expect(() => buckets({ maxPrincipals: 0 })).to.throw(RangeError, 'maxPrincipals');
  });

  it('never grants more than the burst and the rate allow, and always grants after the wait it names [ACCESS-01]', () => {
    const step = fc.record({ waitMs: fc.nat(2000), cost: fc.integer({ min: 1, max: 20 }) });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(step),
        (perSecond, burst, steps) => {
          const { time, limiter } = buckets({ perSecond, burst });
          const ana = principal('ana');
          let granted = 0;
          for (const { waitMs, cost } of steps) {
            time.ms += waitMs;
            const wait = limiter.take(ana, cost);
            if (wait > 0) {
              time.ms += wait;
              expect(limiter.take(ana, cost)).to.equal(0);
            }
            granted += Math.min(cost, burst);
            expect(granted).to.be.at.most(burst + (time.ms * perSecond) / 1000 + 1e-6);
          }
        },
      ),
    );
  });
});
