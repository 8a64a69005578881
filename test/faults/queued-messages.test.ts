import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuMs } from '../support/cpu-ms.js';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';
import { residentMiB } from '../support/resident.js';
import { loops } from './support/loops.js';
import { queueMessages } from './support/queued-messages.js';

const AGENTS = 100;
const START_MS = 3_000;
/** Also where others have the processors. */
const LOADED_START_MS = 20_000;
/** Beyond a daemon with one message in each inbox; about half of that, unless a collection is late. */
const MORE_MIB = 96;

const card = { name: 'x', version: '1.0.0', skills: [] };
const agentIds = Array.from({ length: AGENTS }, (_, n) => `agent-${String(n).padStart(3, '0')}`);

interface Measured {
  /** By the daemon's own account. */
  readonly startMs: number;
  /** That it had a processor for. */
  readonly computedMs: number;
  readonly memoryMiB: number;
  readonly queued: number;
}

/** How long a start took, and what memory the daemon has once it is ready and its inboxes were asked for. */
async function measured(daemon: TestDaemon): Promise<Measured> {
  const computedMs = await cpuMs(daemon.pid);
  const { startMs } = await daemon.logged(({ message }) => message === 'ready');
  const admin = await RawConnection.open(daemon.url, daemon.adminKey);
  let queued = 0;
  for (const agentId of agentIds) queued += Number((await admin.result('inbox.get', { agentId })).messages);
  await admin.close();
  return { startMs: Number(startMs), computedMs, memoryMiB: await residentMiB(daemon.pid), queued };
}

describe('a store with very many messages that wait', () => {
  it('starts in under 3 s with bounded memory, and hands them out in order [DELIVERY-09]', async function () {
    this.timeout(600_000);
    const each = loops(1_000, 10_000);
    const folder = await mkdtemp(join(tmpdir(), 'queued-'));
    const dataDir = join(folder, 'data');
    const daemons: TestDaemon[] = [];
    try {
      const first = await startTestDaemon({ dataDir });
      daemons.push(first);
      const admin = await RawConnection.open(first.url, first.adminKey);
      for (const agentId of agentIds) {
        await admin.result('agent.register', { agentId, card });
        await admin.result('message.send', { to: { agent: agentId }, payload: 'x' });
      }
      await admin.close();
      const few = await measured(first);
      await first.stop();

      const from = performance.now();
      await queueMessages(join(dataDir, 'store'), agentIds, each);
      const builtMs = performance.now() - from;

      const second = await startTestDaemon({ dataDir });
      daemons.push(second);
      const many = await measured(second);
      const agent = await RawConnection.open(second.url, second.adminKey);
      await agent.result('agent.register', { agentId: 'agent-050', card });
      const sequences: number[] = [];
      for (let i = 0; i < 5; i++) {
        const { messages } = await agent.result('inbox.pull', { agentId: 'agent-050', limit: 100, waitMs: 5_000 });
        for (const { message } of messages as { message: { sequence: number } }[]) sequences.push(message.sequence);
      }
      await agent.close();
      process.stdout.write(
        `      ${String(few.queued)} messages: ready after ${few.startMs.toFixed(0)} ms, ${few.memoryMiB.toFixed(0)} MiB; ` +
          `${String(many.queued)}: ${many.startMs.toFixed(0)} ms, ${many.memoryMiB.toFixed(0)} MiB (built in ${(builtMs / 1000).toFixed(0)} s)\n`,
      );
      expect(many.queued).to.equal(AGENTS * each);
      expect(many.computedMs, 'processor time of the start, ms').to.be.below(START_MS);
      expect(many.startMs, 'start, ms').to.be.below(LOADED_START_MS);
      expect(many.memoryMiB - few.memoryMiB, 'memory for them, MiB').to.be.below(MORE_MIB);
      expect(sequences).to.deep.equal(Array.from({ length: sequences.length }, (_, i) => i + 1));
      expect(sequences.length).to.be.above(100);
    } finally {
      for (const daemon of daemons) await daemon.kill('keep');
      await rm(folder, { recursive: true });
    }
  });
});
