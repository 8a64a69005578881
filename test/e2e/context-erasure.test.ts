import { filesWithTexts } from '@ai-orchestrator/plugin-storage-level';
import { connect, type Client } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loops, sleep } from '../faults/support/loops.js';
import { orchestrator } from '../support/command-line.js';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { MARK, plantContent, planted } from '../support/planted-content.js';
import { formsOf } from '../support/text-forms.js';

const contextId = 'confidential';
/** Ways whose words are nowhere even before: of idempotency keys there are hashes, of what agents answer nothing. */
const NEVER_KEPT = /-?key|-answer$|^data$/;

/** Files in which anything stands that was planted, in any form. */
async function filesWithPlants(dataDir: string): Promise<string[]> {
  const found = await filesWithTexts(dataDir, formsOf(MARK));
  return [...new Set([...found.values()].flat())];
}

async function journalVerifies(dataDir: string): Promise<boolean> {
  const { code, stdout } = await orchestrator(['journal', 'verify', dataDir, '--json']);
  return code === 0 && (JSON.parse(stdout) as { readonly valid: boolean }).valid;
}

async function receiptsOf(client: Client, messageIds: readonly string[]) {
  const receipts = await Promise.all(messageIds.map((messageId) => client.call('message.receipt', { messageId })));
  return receipts.map(({ outcome }) => outcome);
}

describe('erasing a context into which content came by every way', () => {
  let dataDir: string;
  let daemons: TestDaemon[];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-data-'));
    daemons = [];
  });

  afterEach(async function () {
    this.timeout(180_000);
    await Promise.all(daemons.map((daemon) => daemon.kill('keep')));
    await rm(dataDir, { recursive: true, force: true });
  });

  const start = async (): Promise<TestDaemon> => {
    const daemon = await startTestDaemon({ dataDir });
    daemons.push(daemon);
    return daemon;
  };

  it('leaves none of it in any byte of the data directory, in any form, and a journal that verifies [CTX-40]', async function () {
    this.timeout(180_000);
    const daemon = await start();
    const { ways, messageIds, taskIds, clients, lead } = await plantContent(daemon, contextId);
    const seen = await filesWithTexts(dataDir, ways.map(planted));
    const unseen = ways.filter((way) => !seen.has(planted(way)));
    const { erased } = await lead.call('context.erase', { contextId });
    const outcomes = await receiptsOf(lead, messageIds);
    const states = await Promise.all(taskIds.map((taskId) => lead.call('task.get', { taskId })));
    const whileItRuns = await filesWithPlants(dataDir);
    await Promise.all(clients.map((client) => client.close()));
    const code = await daemon.stop();
    expect({
      unseen: unseen.filter((way) => !NEVER_KEPT.test(way)),
      erased: { messages: erased.messages, tasks: erased.tasks, state: erased.state },
      outcomes,
      states: states.map(({ task }) => task.state),
      whileItRuns,
      code,
      stopped: await filesWithPlants(dataDir),
      journal: await journalVerifies(dataDir),
    }).to.deep.equal({
      unseen: [],
      erased: { messages: 12, tasks: 6, state: 6 },
      outcomes: [
        'handled',
        'handled',
        'failed',
        'deadLettered',
        'failed',
        'deadLettered',
        'canceled',
        'canceled',
        'canceled',
        'handled',
        'canceled',
        'canceled',
      ],
      states: ['completed', 'failed', 'rejected', 'canceled', 'canceled', 'canceled'],
      whileItRuns: [],
      code: 0,
      stopped: [],
      journal: true,
    });
  });

  it('is ended by the next start when kill -9 came in its midst [CTX-41]', async function () {
    this.timeout(loops(120_000, 600_000));
    const first = await start();
    const { messageIds, clients, lead } = await plantContent(first, contextId);
    let midst = 0;
    let daemon = first;
    let client = lead;
    const ends = clients.map((each) => each);
    const runs = loops(3, 30);
    for (let run = 0; run < runs; run++) {
      const answered = client.call('context.erase', { contextId }, { timeoutMs: 10_000 }).then(
        () => true,
        () => false,
      );
      // The first times a moment after it began, then later and later.
      await until(async () => (await client.call('context.get', { contextId })).state !== 'open');
      await sleep(run * 15);
      await daemon.kill('keep');
      if (!(await answered)) midst++;
      await Promise.all(ends.splice(0).map((each) => each.close()));
      daemon = await start();
      client = await connect({ url: daemon.url, token: daemon.adminKey });
      ends.push(client);
    }
    await until(async () => (await client.call('context.get', { contextId })).state === 'erased');
    const outcomes = new Set(await receiptsOf(client, messageIds));
    await Promise.all(ends.map((each) => each.close()));
    await daemon.stop();
    expect(midst, 'kills in the midst').to.be.greaterThan(0);
    expect({
      pending: outcomes.has(undefined),
      found: await filesWithPlants(dataDir),
      journal: await journalVerifies(dataDir),
    }).to.deep.equal({ pending: false, found: [], journal: true });
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let looks = 0; !(await holds()); looks++) {
    if (looks > 2000) throw new Error('it takes too long');
    await sleep(10);
  }
}
