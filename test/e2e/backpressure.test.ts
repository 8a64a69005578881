import { expect } from 'chai';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';
import { residentMiB } from '../support/resident.js';
import { sleep } from '../faults/support/loops.js';

const INBOX = 500;
const HANDLE_MS = 25;
const FLOOD_MS = 8_000;
/** Of the flood, until the inbox is full and what the first messages took is taken. */
const WARM_MS = 3_000;
/** What the daemon may grow by beyond that; ten times less than what was sent then. */
const GROWTH_MIB = 40;
const IN_FLIGHT = 32;
const PAYLOAD = 'x'.repeat(4_096);

/** Handles one message after another, slowly. */
async function slowConsumer({
  url,
  adminKey,
}: TestDaemon): Promise<{ handled: () => number; stop: () => Promise<void> }> {
  const agent = await RawConnection.open(url, adminKey);
  await agent.result('agent.register', { agentId: 'slow', card: { name: 'Slow', version: '1.0.0', skills: [] } });
  let handled = 0;
  const over = new AbortController();
  const consuming = (async () => {
    while (!over.signal.aborted) {
      const { messages } = await agent.result('inbox.pull', { agentId: 'slow', limit: 1, waitMs: 100 });
      for (const { message } of messages as { message: { id: string; deliveryId: string } }[]) {
        await sleep(HANDLE_MS);
        await agent.result('message.ack', { messageId: message.id, deliveryId: message.deliveryId });
        handled++;
      }
    }
    await agent.close();
  })();
  return {
    handled: () => handled,
    async stop() {
      over.abort();
      await consuming;
    },
  };
}

/** Requests from one agent to another, one after another, until told to stop: how long each took, ms; none may fail. */
async function askOthers({ url, adminKey }: TestDaemon): Promise<() => Promise<number[]>> {
  const answerer = await RawConnection.open(url, adminKey);
  await answerer.result('agent.register', { agentId: 'echo', card: { name: 'Echo', version: '1.0.0', skills: [] } });
  answerer.onCall = ({ params }) => params.payload;
  const asker = await RawConnection.open(url, adminKey);
  const took: number[] = [];
  const over = new AbortController();
  const asking = (async () => {
    while (!over.signal.aborted) {
      const from = performance.now();
      await asker.result('message.request', { to: { agent: 'echo' }, payload: took.length });
      took.push(performance.now() - from);
      await sleep(2);
    }
    await asker.close();
    await answerer.close();
  })();
  return async () => {
    over.abort();
    await asking;
    return took;
  };
}

function p99(times: readonly number[]): string {
  return `${(times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? 0).toFixed(1)} ms`;
}

describe('a producer that is ten times faster than its consumer', () => {
  it('is refused with inbox_full, while memory stays flat and others are answered [DELIVERY-08]', async function () {
    this.timeout(180_000);
    const daemon = await startTestDaemon({
      config: {
        drain: { deadlineMs: 500 },
        limits: { messages: { inboxMessages: INBOX }, rate: { perSecond: 1_000_000, burst: 1_000_000 } },
      },
    });
    try {
      const stopAtRest = await askOthers(daemon);
      await sleep(1_500);
      const atRest = await stopAtRest();

      const consumer = await slowConsumer(daemon);
      const stopAsking = await askOthers(daemon);
      const producer = await RawConnection.open(daemon.url, daemon.adminKey);
      const outcomes = new Map<string, number>();
      const retryable = new Set<unknown>();
      const until = performance.now() + FLOOD_MS;
      const flood = async (): Promise<void> => {
        while (performance.now() < until) {
          const { error } = await producer.call('message.send', { to: { agent: 'slow' }, payload: PAYLOAD });
          const outcome = error === undefined ? 'accepted' : String(error.data?.name);
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
          if (error !== undefined) retryable.add(error.data?.retryable);
        }
      };
      const flooding = Promise.all(Array.from({ length: IN_FLIGHT }, flood));
      await sleep(WARM_MS);
      const warm = await residentMiB(daemon.pid);
      let most = warm;
      while (performance.now() < until) {
        await sleep(100);
        most = Math.max(most, await residentMiB(daemon.pid));
      }
      await flooding;
      const others = await stopAsking();
      const { messages } = await producer.result('inbox.get', { agentId: 'slow' });
      await consumer.stop();
      await producer.close();

      const sends = [...outcomes.values()].reduce((sum, count) => sum + count, 0);
      process.stdout.write(
        `      ${String(sends)} sends, ${String(consumer.handled())} handled; ${warm.toFixed(0)} MiB, then at most ${most.toFixed(0)}; ` +
          `requests of others: p99 ${p99(atRest)} at rest, ${p99(others)} meanwhile\n`,
      );
      expect([...outcomes.keys()].toSorted(), 'outcomes').to.deep.equal(['accepted', 'inbox_full']);
      expect([...retryable]).to.deep.equal([true]);
      expect(sends, 'ten times faster').to.be.above(10 * consumer.handled());
      expect(messages, 'the bound').to.be.at.most(INBOX);
      expect(most - warm, 'growth, MiB').to.be.below(GROWTH_MIB);
      expect(others.length, 'requests answered').to.be.above(100);
    } finally {
      await daemon.stop();
    }
  });
});
