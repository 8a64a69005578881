import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { HealthChecks, SystemClock, SystemRandom } from '@ai-orchestrator/core';

const UUID7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('clock', () => {
  it('answers the wall clock, and a time that does not go back', () => {
    const clock = new SystemClock();
    const first = clock.monotonicMs();
    expect(clock.now()).to.be.closeTo(Date.now(), 1000);
    expect(clock.monotonicMs()).to.be.at.least(first);
  });
});

describe('timers', () => {
  it('do not keep the process alive', async () => {
    const core = fileURLToPath(new URL('../../src/index.js', import.meta.url));
    const script = `import { SystemTimers } from ${JSON.stringify(core)};
      const timers = new SystemTimers();
      timers.after(3e6, () => {});
      timers.every(3e6, () => {});
      process.stdout.write('waits for nothing');`;
    // A process that one of them kept alive would be killed, which rejects.
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 25_000,
    });
    expect(stdout).to.equal('waits for nothing');
  });
});

describe('random', () => {
  it('makes UUIDv7 that rise, also when the wall clock goes back by a year [ACCESS-11]', () => {
    const time = { now: Date.UTC(2026, 0, 1) };
    const random = new SystemRandom({ now: () => time.now, monotonicMs: () => 0 });
    const ids: string[] = [];
    for (const jump of [0, 1, 5, -1000, -60_000, -31_536_000_000, 0, 1, 31_536_100_000]) {
      time.now += jump;
      for (let i = 0; i < 500; i++) ids.push(random.uuid());
    }
    expect(ids.filter((id) => !UUID7.test(id))).to.deep.equal([]);
    expect(ids.filter((id, i) => i > 0 && id <= (ids[i - 1] ?? ''))).to.deep.equal([]);
  });

  it('gives as many bytes as asked for, and fractions below 1', () => {
    const random = new SystemRandom(new SystemClock());
    const fractions = Array.from({ length: 2000 }, () => random.fraction());
    expect(random.bytes(32).length).to.equal(32);
    expect(fractions.every((n) => n >= 0 && n < 1)).to.equal(true);
    expect(new Set(fractions).size).to.be.above(1990);
  });
});

describe('health', () => {
  it('answers each check’s verdict, that of one that throws with its reason, and none of one taken away', () => {
    const health = new HealthChecks();
    health.addCheck('store', () => ({ healthy: true }));
    health.addCheck('loop', () => {
      throw new Error('no figures');
    });
    health.addCheck('gone', () => ({ healthy: false }))();
    expect(health.results()).to.deep.equal([
      { name: 'store', healthy: true },
      { name: 'loop', healthy: false, reason: 'the check itself failed: no figures' },
    ]);
  });

  it('refuses a second check of a name', () => {
    const health = new HealthChecks();
    health.addCheck('store', () => ({ healthy: true }));
    expect(() => health.addCheck('store', () => ({ healthy: true }))).to.throw(Error, '"store" exists already');
  });
});
