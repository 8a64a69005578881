import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { agent, journalOf, listeningCore } from './support/listening-core.js';

/** Longer than a busy machine needs from one connection to the next. */
const LEASE_MS = 3_000;
/** Reconnects of the loop; at 50 a second. */
const LOOPS = process.env.FAULTS === 'full' ? 500 : 75;

describe('F27: an agent that reconnects 50 times a second', () => {
  it('is limited with a hint when to come back, and others see one agent that stays [F27]', async () => {
    const daemon = await listeningCore();
    const watcher = await daemon.connect('root', 'admin');
    await watcher.result('journal.subscribe', { resource: 'agent/flapping' });
    const hints: unknown[] = [];
    const states = new Set<unknown>();
    for (let i = 0; i < LOOPS; i++) {
      const connection = await daemon.connect('ann');
      const { error } = await connection.call('agent.register', agent('flapping', { leaseMs: LEASE_MS }));
      if (error !== undefined) hints.push(error.data?.retryAfterMs);
      states.add((await watcher.result('agent.get', { agentId: 'flapping' })).state);
      await connection.close();
      await sleep(20);
    }
    await sleep(LEASE_MS + 600);
    states.add((await watcher.result('agent.get', { agentId: 'flapping' })).state);
    const seen = {
      limited: hints.length > LOOPS / 2,
      hinted: hints.every((ms) => typeof ms === 'number' && ms > 0),
      states: [...states],
      journal: await journalOf(watcher, 'agent/flapping'),
      told: watcher.received.length,
    };
    await watcher.close();
    await daemon.stop();
    expect(seen).to.deep.equal({
      limited: true,
      hinted: true,
      states: ['ready'],
      journal: ['agent.registered ann success'],
      told: 1,
    });
  });
});
