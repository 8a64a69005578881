import { connect, type Client } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { startTestDaemon } from '../support/daemon.js';

const card = { name: 'Echo', version: '1.0.0' };
const skills = { echo: { handler: (payload: unknown) => payload } };
const fast = { reconnectBaseMs: 5, reconnectMaxMs: 20 };

/** Makes one journal record after another. */
async function record(client: Client, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) {
    await client.call('agent.suspend', { agentId: 'echo', reason: String(i) });
    await client.call('agent.resume', { agentId: 'echo' });
  }
}

describe('client with the daemon', () => {
  it('sees every journal record once and in order though its connection is cut at random points [CLIENT-43]', async () => {
    const daemon = await startTestDaemon();
    const { proxy, url } = await CuttingProxy.start(daemon.url);
    const writer = await connect({ url: daemon.url, token: daemon.adminKey });
    await writer.agent({ agentId: 'echo', card, skills });
    const reader = await connect({ url, token: daemon.adminKey, ...fast });
    const subscription = await reader.subscribe({ actions: ['agent.'] });
    const seen: number[] = [];
    let last = Number.POSITIVE_INFINITY;
    const read = (async () => {
      for await (const { sequence } of subscription) {
        seen.push(sequence);
        if (sequence >= last) return;
      }
    })();
    const cuts = setInterval(() => proxy.cut(), 30);
    await record(writer, 100);
    clearInterval(cuts);
    const { entries } = await writer.call('journal.read', { actions: ['agent.'], limit: 1000 });
    // The very last record, made now, tells the reader that it has all.
    await writer.call('agent.suspend', { agentId: 'echo' });
    last = (entries.at(-1)?.sequence ?? 0) + 1;
    await read;
    const from = seen[0] ?? 0;
    const expected = [...entries.map((entry) => entry.sequence).filter((sequence) => sequence >= from), last];
    expect(seen).to.deep.equal(expected);
    expect(seen.length).to.be.greaterThan(199);
    expect(proxy.cuts).to.be.greaterThan(3);
    await reader.close();
    await writer.close();
    await proxy.stop();
    await daemon.stop();
  });

  it('streams, cancels and drains an agent [CLIENT-44]', async () => {
    const daemon = await startTestDaemon();
    const agentClient = await connect({ url: daemon.url, token: daemon.adminKey });
    const aborted: unknown[] = [];
    await agentClient.agent({
      agentId: 'echo',
      card,
      skills: {
        echo: {
          handler: async (payload, work) => {
            if (payload === 'wait') {
              await new Promise((resolve) => work.signal.addEventListener('abort', resolve));
              aborted.push(payload);
            }
            work.part('one');
            work.part('two');
            return 'three';
          },
        },
      },
    });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    const parts: unknown[] = [];
    const answer = await client.request({ skill: 'echo' }, 'go', { onPart: (part) => parts.push(part) });
    expect({ parts, answer }).to.deep.equal({ parts: ['one', 'two'], answer: { agent: 'echo', payload: 'three' } });
    const late = await client.request({ agent: 'echo' }, 'wait', { timeoutMs: 3_000 }).then(String, (e: unknown) => e);
    expect(late).to.have.property('errorName', 'deadline_exceeded');
    await agentClient.drain();
    expect(aborted).to.deep.equal(['wait']);
    const refused = await client.request({ agent: 'echo' }, 'go').then(String, (e: unknown) => e);
    expect(refused).to.have.property('errorName').that.is.oneOf(['agent_offline', 'agent_unavailable']);
    await client.close();
    await daemon.stop();
  });

  it('comes back by itself when the daemon was restarted, with its agent [CLIENT-45]', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-data-'));
    const first = await startTestDaemon({ dataDir });
    const { port } = new URL(first.url);
    const client = await connect({ url: first.url, token: first.adminKey, ...fast });
    await client.agent({ agentId: 'echo', card, skills });
    await first.stop();
    const second = await startTestDaemon({ dataDir, config: { http: { port: Number(port) } } });
    expect(await client.call('daemon.ping', {})).to.deep.equal({ pong: true });
    const other = await connect({ url: second.url, token: second.adminKey });
    // The agent may come back a moment after the client.
    let answer: unknown;
    while (answer === undefined) {
      answer = await other.request({ agent: 'echo' }, 'again').then(
        ({ payload }) => payload,
        (error: unknown) => {
          expect(error).to.have.nested.property('data.retryable', true);
        },
      );
    }
    expect(answer).to.equal('again');
    await other.close();
    await client.close();
    await second.stop();
    await rm(dataDir, { recursive: true });
  });
});
