import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DEFAULT_LOOP_LAG,
  HealthChecks,
  InMemoryInstruments,
  LoopLag,
  SystemClock,
  SystemTimers,
} from '@ai-orchestrator/core';

function world(unhealthyMs = 50) {
  const clock = new SystemClock();
  const health = new HealthChecks();
  const instruments = new InMemoryInstruments({ seriesPerInstrument: 10 });
  const options = { ...DEFAULT_LOOP_LAG, resolutionMs: 5, turnMs: 10, unhealthyMs };
  const lag = new LoopLag(clock, new SystemTimers(), instruments, health, options);
  return { clock, health, instruments, lag };
}

function block(ms: number): void {
  // Not by the wall clock, whose whole milliseconds make it up to one shorter.
  const until = performance.now() + ms;
  while (performance.now() < until);
}

/** One wait may be over before the loop was looked at, where the machine was busy meanwhile; several take several turns. */
async function looked(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await sleep(10);
}

describe('loop lag', () => {
  it('shows a blocked loop in its figures, its instrument and its health check [ACCESS-13]', async () => {
    const { health, instruments, lag } = world();
    await looked();
    block(200);
    await looked();
    const { p50, p99, max } = lag.lag();
    const gauge = instruments.snapshot().find(({ name }) => name === 'orchestrator_event_loop_lag_seconds');
    const verdict = health.results();
    lag.close();
    expect([p50 < 150, p99 >= 150, max >= 150]).to.deep.equal([true, true, true]);
    expect(gauge?.samples.map(({ labels }) => labels[0])).to.deep.equal(['p50', 'p99', 'max']);
    expect(verdict.map(({ name, healthy }) => ({ name, healthy }))).to.deep.equal([
      { name: 'event-loop', healthy: false },
    ]);
    expect(verdict[0]?.reason).to.match(/the event loop was \d+ ms late/);
    expect(health.results()).to.deep.equal([]);
  });

  it('forgets what held the loop up while the daemon started [ACCESS-13]', async () => {
    const { health, lag } = world();
    await looked();
    block(200);
    await looked();
    const before = health.results().map(({ healthy }) => healthy);
    lag.forget();
    const after = health.results().map(({ healthy }) => healthy);
    lag.close();
    expect([before, after]).to.deep.equal([[false], [true]]);
  });

  it('says when the loop last turned, for the watchdog [ACCESS-13]', async () => {
    const { clock, lag } = world(60_000);
    const first = lag.lastTurnAt;
    await sleep(50);
    const turned = lag.lastTurnAt;
    block(100);
    const age = clock.monotonicMs() - lag.lastTurnAt;
    lag.close();
    expect([turned > first, age >= 100]).to.deep.equal([true, true]);
  });
});
