import type { OrchestratorError } from '@ai-orchestrator/protocol';
import { connect, type AssignedTask, type Client, type Task, type TaskEvent } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { createHash, randomBytes } from 'node:crypto';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';
import { until } from '../support/worker-process.js';

const card = { name: 'Worker', version: '1.0.0' };
const fast = { reconnectBaseMs: 5, reconnectMaxMs: 20 };
/** Progress and artifacts of the task; with its states at both ends that makes {@link EVENTS}. */
const STEPS = 12;
const EVENTS = STEPS + 3;
const MIB = 1024 * 1024;

/** When the connection is cut: as the event is on its way, half of it through, or as soon as it is there. */
type When = 'within' | 'after';

/** Somebody who follows a task behind a proxy that cuts once, at one event. */
interface Watcher {
  readonly proxy: CuttingProxy;
  readonly seen: number[];
  readonly over: Promise<void>;
}

/** A worker that goes one step at a time, when it is told to. */
async function steppingWorker(daemon: TestDaemon): Promise<{ client: Client; step: (number: number) => void }> {
  const client = await connect({ url: daemon.url, token: daemon.adminKey });
  const told: (() => void)[] = [];
  const waits = Array.from({ length: STEPS + 1 }, (_, i) => new Promise<void>((resolve) => (told[i] = resolve)));
  const work = async (_payload: unknown, task: AssignedTask): Promise<string> => {
    for (let i = 0; i < STEPS; i++) {
      await waits[i];
      if (i % 2 === 0) await task.artifact(`part-${String(i)}`, 'x'.repeat(i));
      else task.progress(i / STEPS);
    }
    await waits[STEPS];
    return 'done';
  };
  await client.agent({
    agentId: 'worker',
    card,
    skills: { stream: { handler: (payload, task) => work(payload, task as AssignedTask) } },
  });
  return { client, step: (number) => told[number]?.() };
}

/** Cuts the proxy's connections once, in the middle of what brings the event. */
function cutWithin(proxy: CuttingProxy, event: number): void {
  const mark = `"event":${String(event)},`;
  proxy.cutIn = (piece, way) => {
    const at = way === 'down' ? piece.indexOf(mark) : -1;
    if (at < 0) return undefined;
    proxy.cutIn = () => undefined;
    return at;
  };
}

/** Follows a task by nothing but its own calls: after a cut it goes on after the last cursor that it got. */
async function rawWatcher({ url, adminKey }: TestDaemon, taskId: string, at: number, when: When): Promise<Watcher> {
  const { proxy, url: near } = await CuttingProxy.start(url);
  const seen: number[] = [];
  if (when === 'within') cutWithin(proxy, at);
  let cut = false;
  let after: string | undefined;
  const once = async (): Promise<void> => {
    const connection = await RawConnection.open(near, adminKey);
    const from = after === undefined ? { fromStart: true } : { after };
    const { error } = await connection.call('task.watch', { taskId, ...from });
    for (let read = 0; error === undefined && seen.at(-1) !== EVENTS; read++) {
      await until(() => connection.received.length > read || !connection.isOpen);
      const batch = connection.received[read];
      if (batch === undefined) break;
      const { entries, cursor } = batch.params as unknown as { entries: TaskEvent[]; cursor: string };
      seen.push(...entries.map(({ event }) => event));
      after = cursor;
      if (when === 'after' && !cut && seen.includes(at)) {
        cut = true;
        proxy.cut();
      }
    }
    await connection.close();
  };
  const over = (async () => {
    while (seen.at(-1) !== EVENTS) await once();
  })();
  return { proxy, seen, over };
}

/** Follows a task with the client, which does everything by itself. */
async function clientWatcher({ url, adminKey }: TestDaemon, taskId: string, at: number, when: When): Promise<Watcher> {
  const { proxy, url: near } = await CuttingProxy.start(url);
  const client = await connect({ url: near, token: adminKey, ...fast });
  const seen: number[] = [];
  if (when === 'within') cutWithin(proxy, at);
  const over = (async () => {
    for await (const { event } of client.task(taskId)) {
      seen.push(event);
      if (when === 'after' && event === at) proxy.cut();
    }
    await client.close();
  })();
  return { proxy, seen, over };
}

describe('a streaming task whose connection is cut', () => {
  for (const [whose, watcher] of [
    ['task.watch', rawWatcher],
    ["the client's iterator", clientWatcher],
  ] as const) {
    it(`at each of its events, before and after it came, is seen whole by ${whose}: each event once, in order [DELIVERY-06]`, async () => {
      const daemon = await startTestDaemon();
      const { client, step } = await steppingWorker(daemon);
      const task = await client.submitTask({ skill: 'stream' }, 'go');
      const watchers: Watcher[] = [];
      try {
        for (let event = 1; event <= EVENTS; event++) {
          for (const when of ['within', 'after'] as const)
            watchers.push(await watcher(daemon, task.taskId, event, when));
        }
        for (let number = 0; number <= STEPS; number++) {
          step(number);
          // One at a time, so that each event comes on its own.
          await until(() => watchers.every(({ seen }) => seen.length >= Math.min(number + 3, EVENTS)));
        }
        await Promise.all(watchers.map(({ over }) => over));
        const every = Array.from({ length: EVENTS }, (_, i) => i + 1);
        expect(watchers.map(({ seen }) => seen)).to.deep.equal(watchers.map(() => every));
        expect(watchers.filter(({ proxy }) => proxy.cuts === 0)).to.deep.equal([]);
      } finally {
        await client.close();
        for (const { proxy } of watchers) await proxy.stop();
        await daemon.stop();
      }
    });
  }

  it('for so long that its events are no longer kept, is told so: cursor_expired, and no gap [DELIVERY-06]', async () => {
    const daemon = await startTestDaemon({ config: { limits: { tasks: { events: 5 } } } });
    const { client, step } = await steppingWorker(daemon);
    const { proxy, url } = await CuttingProxy.start(daemon.url);
    const far = await connect({ url, token: daemon.adminKey, ...fast });
    try {
      const { taskId } = await client.submitTask({ skill: 'stream' }, 'go');
      const raw = await RawConnection.open(daemon.url, daemon.adminKey);
      const { cursor } = await raw.result('task.watch', { taskId, fromStart: true });
      const seen: number[] = [];
      const watched = (async () => {
        for await (const { event } of far.task(taskId)) seen.push(event);
      })().catch((error: unknown) => (error as OrchestratorError).errorName);
      await until(() => seen.length > 0);
      proxy.hold();
      proxy.cut();
      for (let number = 0; number <= STEPS; number++) step(number);
      await client.task(taskId).result;
      proxy.release();
      const again = await raw.failure('task.watch', { taskId, after: cursor });
      await raw.close();
      const gaps = seen.filter((event, i) => event !== i + 1);
      expect([await watched, again.name, gaps]).to.deep.equal(['cursor_expired', 'cursor_expired', []]);
    } finally {
      await far.close();
      await client.close();
      await proxy.stop();
      await daemon.stop();
    }
  });
});

describe('an artifact of 16 MiB', () => {
  it('is written and read by chunks though both connections are cut in the middle, again and again [DELIVERY-07]', async function () {
    this.timeout(180_000);
    const daemon = await startTestDaemon();
    const content = randomBytes(16 * MIB);
    const near = await CuttingProxy.start(daemon.url);
    const far = await CuttingProxy.start(daemon.url);
    const worker = await connect({ url: near.url, token: daemon.adminKey, ...fast });
    const reader = await connect({ url: far.url, token: daemon.adminKey, ...fast });
    try {
      const sizes: unknown[] = [];
      const handler = async (_payload: unknown, task: unknown): Promise<void> => {
        const { version, chunks } = await (task as AssignedTask).artifact('big', new Uint8Array(content));
        sizes.push({ version, chunks });
      };
      await worker.agent({ agentId: 'worker', card, skills: { stream: { handler } } });
      cutEvery(near.proxy, 'up', 5 * MIB);
      const task: Task = await reader.submitTask({ skill: 'stream' }, 'go');
      await task.result;
      cutEvery(far.proxy, 'down', 5 * MIB);
      const read = await task.artifact('big').bytes();
      const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
      const chunks = (16 * MIB) / 262_144;
      expect([sizes, hash(read)]).to.deep.equal([[{ version: 1, chunks }], hash(content)]);
      expect([near.proxy.cuts >= 4, far.proxy.cuts >= 4], 'cuts on both sides').to.deep.equal([true, true]);
    } finally {
      await reader.close();
      await worker.close();
      await near.proxy.stop();
      await far.proxy.stop();
      await daemon.stop();
    }
  });
});

/** Cuts whenever so many bytes have come through one way, in the middle of whatever it is. */
function cutEvery(proxy: CuttingProxy, which: 'up' | 'down', bytes: number): void {
  let left = bytes;
  proxy.cutIn = (piece, way) => {
    if (way !== which) return undefined;
    left -= piece.length;
    if (left > 0) return undefined;
    left = bytes;
    return Math.floor(piece.length / 2);
  };
}
