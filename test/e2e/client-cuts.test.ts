import { connect, type Client } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { startTestDaemon } from '../support/daemon.js';

const card = { name: 'Worker', version: '1.0.0' };
const fast = { reconnectBaseMs: 5, reconnectMaxMs: 20 };
const MESSAGES = 60;
const TASKS = 5;
const ENTRIES = 30;
/** More than one chunk. */
const ARTIFACT = 'x'.repeat(300_000);

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

/** An agent whose handlers take a while; answers which messages they were called for. */
async function work(client: Client): Promise<string[]> {
  const handled: string[] = [];
  await client.agent({
    agentId: 'worker',
    card,
    skills: {
      dig: {
        async handler(payload, work) {
          for (const step of upTo(5)) {
            work.progress(step / 5);
            await sleep(Math.random() * 100);
          }
          if (work.kind === 'task') await work.artifact('hole', ARTIFACT);
          return payload;
        },
      },
    },
    messages: {
      note: {
        async handler(_payload, { envelope }) {
          handled.push(envelope.id);
          await sleep(Math.random() * 100);
        },
      },
    },
  });
  return handled;
}

async function sendAll(client: Client): Promise<{ readonly ids: string[]; readonly outcomes: Set<unknown> }> {
  const ids: string[] = [];
  const outcomes = upTo(MESSAGES).map(async (i) => {
    await sleep(i * 30);
    const sent = await client.send({ agent: 'worker' }, i, { type: 'note' });
    ids.push(sent.messageId);
    return (await sent.receipt).outcome;
  });
  return { outcomes: new Set(await Promise.all(outcomes)), ids };
}

/** The numbers of a task's events, its output and how long its artifact is. */
async function haveDone(client: Client, i: number) {
  // An attempt is lost when a cut swallows the very call that brings it.
  const task = await client.submitTask({ skill: 'dig' }, i, { retry: { maxAttempts: 20 } });
  const events: number[] = [];
  for await (const { event } of task) events.push(event);
  const { length } = await task.artifact('hole').text();
  return { gapless: events.every((event, at) => event === at + 1), output: await task.result, length };
}

async function converse(client: Client): Promise<unknown[]> {
  const context = await client.createContext();
  const said: unknown[] = [];
  const hearing = (async () => {
    for await (const { type, payload } of context.follow()) {
      if (type === 'closed') return;
      said.push(payload);
    }
  })();
  for (const i of upTo(ENTRIES)) {
    await context.append(i);
    await sleep(50);
  }
  await context.close();
  await hearing;
  return said;
}

describe('a client whose sockets are cut at random', () => {
  it('goes on with its inbox, tasks, receipts and what it follows, each once, without its author doing anything [CLIENT-91]', async function () {
    this.timeout(180_000);
    const daemon = await startTestDaemon({ config: { limits: { tasks: { graceMs: 1_000 } } } });
    const near = await CuttingProxy.start(daemon.url);
    const far = await CuttingProxy.start(daemon.url);
    const reported: unknown[] = [];
    const options = { token: daemon.adminKey, ...fast, onError: (error: unknown) => reported.push(error) };
    const worker = await connect({ url: far.url, ...options });
    const submitter = await connect({ url: near.url, ...options });
    const over = new AbortController();
    const cutting = (async () => {
      while (!over.signal.aborted) {
        await sleep(100 + Math.random() * 300);
        (Math.random() < 0.5 ? near : far).proxy.cut();
      }
    })();
    try {
      const handled = await work(worker);
      const [{ ids, outcomes }, said, ...done] = await Promise.all([
        sendAll(submitter),
        converse(submitter),
        ...upTo(TASKS).map((i) => haveDone(submitter, i)),
      ]);
      expect({ handled: [...handled].sort(), outcomes, said, done, reported }).to.deep.equal({
        handled: [...ids].sort(),
        outcomes: new Set(['handled']),
        said: upTo(ENTRIES),
        done: upTo(TASKS).map((i) => ({ gapless: true, output: i, length: ARTIFACT.length })),
        reported: [],
      });
      expect(near.proxy.cuts + far.proxy.cuts).to.be.greaterThan(5);
    } finally {
      over.abort();
      await cutting;
      await Promise.all([worker.close(), submitter.close()]);
      await Promise.all([near.proxy.stop(), far.proxy.stop()]);
      await daemon.stop();
    }
  });
});
