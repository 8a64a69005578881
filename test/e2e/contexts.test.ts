import { filesWithText, verifyJournal } from '@ai-orchestrator/plugin-storage-level';
import { connect, type Client } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { clientOf } from '../support/planted-content.js';

const SECRET = 'what-was-said-in-confidence';
const contextId = 'confidential';

describe('erasing a context of a daemon', () => {
  it('leaves its content in no file of the data directory, and a journal that verifies [CTX-28]', async function () {
    this.timeout(180_000);
    const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-data-'));
    const daemon = await startTestDaemon({ dataDir });
    try {
      const lead = await clientOf(daemon, 'lead', 'operator');
      const member = await clientOf(daemon, 'ann', 'agent');
      const principal = member.session?.principal.id ?? '';
      await lead.call('context.create', { contextId, title: SECRET, participants: [{ principal }] });
      for (let n = 0; n < 60; n++) {
        const payload = { text: `${SECRET} ${n}`, filling: n % 2 === 0 ? 'x'.repeat(3000) : String(Math.random()) };
        await member.call('context.append', { contextId, payload, type: SECRET, idempotencyKey: `say-${n}` });
      }
      await member.call('context.summarize', { contextId, upTo: 30, payload: SECRET });
      await lead.call('context.update', { contextId, title: `${SECRET} again` });
      const before = await filesWithText(dataDir, SECRET);
      const others = lead.call('context.create', { contextId: 'other', title: 'stays' });
      const { erased } = await lead.call('context.erase', { contextId, reason: 'request 12' });
      await others;
      const after = await filesWithText(dataDir, SECRET);
      const record = await member.call('context.get', { contextId });
      const other = await lead.call('context.get', { contextId: 'other' });
      const { healthy } = await daemonAdmin(daemon, async (admin) => admin.call('store.verify', {}));
      await member.close();
      await lead.close();
      await daemon.stop();
      expect({
        before: before.length > 0,
        entries: erased.entries,
        after,
        state: record.state,
        other: other.title,
        healthy,
        journal: (await verifyJournal(join(dataDir, 'store'))).valid,
        stopped: await filesWithText(dataDir, SECRET),
      }).to.deep.equal({
        before: true,
        entries: 61,
        after: [],
        state: 'erased',
        other: 'stays',
        healthy: true,
        journal: true,
        stopped: [],
      });
    } finally {
      await daemon.kill('keep');
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

async function daemonAdmin<T>(daemon: TestDaemon, run: (admin: Client) => Promise<T>): Promise<T> {
  const admin = await connect({ url: daemon.url, token: daemon.adminKey });
  try {
    return await run(admin);
  } finally {
    await admin.close();
  }
}
