import { connect, type Client } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loops, sleep } from '../faults/support/loops.js';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';

const card = { name: 'Worker', version: '1.0.0', skills: [{ id: 'work' }] };
const PRODUCERS = 16;

/** Registers the agent and handles its messages; what comes is recorded before it is answered. */
async function work(daemon: TestDaemon, got: [id: string, attempt: number][]): Promise<Client> {
  const client = await connect({ url: daemon.url, token: daemon.adminKey, reconnectAttempts: 0 });
  client.handle('message.handle', ({ message }) => {
    got.push([message.id, message.attempt]);
    return null;
  });
  await client.call('agent.register', { agentId: 'worker', card });
  await client.call('inbox.open', { agentId: 'worker', window: 8 });
  return client;
}

describe('a daemon that is killed with kill -9', () => {
  it('delivers every message that it accepted, in the end once, attempts rising, with one receipt each [MSG-20]', async function () {
    this.timeout(300_000);
    const folder = await mkdtemp(join(tmpdir(), 'messages-'));
    const dataDir = join(folder, 'data');
    const accepted = new Set<string>();
    const got: [string, number][] = [];
    const daemons: TestDaemon[] = [];
    const clients: Client[] = [];
    const runs = loops(3, 40);
    try {
      for (let run = 0; run < runs; run++) {
        const daemon = await startTestDaemon({ dataDir });
        daemons.push(daemon);
        const worker = await work(daemon, got);
        const sender = await connect({ url: daemon.url, token: daemon.adminKey, reconnectAttempts: 0 });
        clients.push(worker, sender);
        const producing = Array.from({ length: PRODUCERS }, async () => {
          for (;;) {
            const sent = await sender
              .call('message.send', { to: { agent: 'worker' }, payload: { run } })
              .catch(() => undefined);
            if (sent === undefined) return;
            accepted.add(sent.messageId);
          }
        });
        await sleep(100 + Math.random() * 300);
        await daemon.kill('keep');
        await Promise.all(producing);
        await Promise.all([worker.close(), sender.close()]);
      }
      const daemon = await startTestDaemon({ dataDir });
      daemons.push(daemon);
      const before = got.length;
      const worker = await work(daemon, got);
      clients.push(worker);
      const { call } = { call: worker.call.bind(worker) };
      for (;;) {
        const { messages } = await call('inbox.get', { agentId: 'worker' });
        if (messages === 0) break;
        await sleep(20);
      }
      const attempts = new Map<string, number>();
      for (const [id, attempt] of got) {
        expect(attempt, `attempt of ${id}`).to.be.greaterThan(attempts.get(id) ?? 0);
        attempts.set(id, attempt);
      }
      const lost = [...accepted].filter((id) => !attempts.has(id));
      const outcomes = new Set<string>();
      // One after another: a client lets only so many calls wait.
      for (const messageId of attempts.keys()) {
        const { state, outcome } = await call('message.receipt', { messageId });
        outcomes.add(`${state} ${outcome ?? ''}`);
      }
      expect({ lost, outcomes: [...outcomes] }).to.deep.equal({ lost: [], outcomes: ['settled handled'] });
      expect(accepted.size).to.be.greaterThan(runs * PRODUCERS);
      expect(got.length).to.be.greaterThan(before);
      await worker.close();
      await daemon.stop();
    } finally {
      await Promise.all(clients.map((client) => client.close()));
      await Promise.all(daemons.map((daemon) => daemon.kill('keep')));
      await rm(folder, { recursive: true, force: true });
    }
  });
});
