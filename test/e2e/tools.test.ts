import { connect, type Client } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';

const ECHO = { name: 'echo', version: '1.0.0', description: 'Says it again.', inputSchema: { type: 'object' } };

async function keyOf(admin: Client, name: string): Promise<string> {
  return (await admin.call('key.create', { name, roles: ['agent'] })).secret;
}

/** An agent with the tool, as a program without a client of ours would register it. */
async function offer(daemon: TestDaemon, token: string, description: string) {
  const client = await connect({ url: daemon.url, token });
  client.handle('tool.invoke', (call) => ({ content: [{ type: 'text', text: JSON.stringify(call.arguments) }] }));
  await client.call('agent.register', { agentId: 'parrot', card: { name: 'Parrot', version: '1.0.0', skills: [] } });
  const taken = await client.call('tool.register', { agentId: 'parrot', tools: [{ ...ECHO, description }] });
  return { client, taken };
}

const errorName = (error: unknown): string => (error as { errorName: string }).errorName;

describe('tools', () => {
  it('are granted and taken away on SIGHUP, also to who is connected [TOOL-30]', async () => {
    const daemon = await startTestDaemon();
    const admin = await connect({ url: daemon.url, token: daemon.adminKey });
    const ada = await connect({ url: daemon.url, token: await keyOf(admin, 'ada') });
    const parrot = await offer(daemon, await keyOf(admin, 'parrot'), ECHO.description);
    const reload = async (tools: object, message: string, times: number) => {
      await writeFile(daemon.configFile, JSON.stringify({ http: { port: 0 }, tools }));
      daemon.child.kill('SIGHUP');
      await daemon.logged(
        () => daemon.logs().filter((line) => line.message?.includes(message) === true).length === times,
      );
    };
    const seen = async () => (await ada.call('tool.list', {})).entries.map(({ name }) => name);
    try {
      const before = await seen();
      await reload({ grants: [{ roles: ['agent'], tools: ['ec*'] }] }, 'read again', 1);
      const granted = await seen();
      const called = await ada.call('tool.call', { name: 'echo', arguments: { text: 'hi' } });
      await reload({ grants: [{ roles: ['nobody'] }] }, 'is refused', 1);
      const still = await seen();
      await reload({ forbids: [{ principals: ['*'] }] }, 'read again', 2);
      const gone = await ada.call('tool.get', { name: 'echo' }).then(() => 'found', errorName);
      expect({ before, granted, called: called.kind, still, after: await seen(), gone }).to.deep.equal({
        before: [],
        granted: ['echo'],
        called: 'result',
        still: ['echo'],
        after: [],
        gone: 'not_found',
      });
    } finally {
      await Promise.all([admin.close(), ada.close(), parrot.client.close()]);
      await daemon.stop();
    }
  });

  it('that changed wait over a kill -9, until an operator approves what changed [TOOL-31]', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-tools-'));
    const first = await startTestDaemon({ dataDir });
    const admin = await connect({ url: first.url, token: first.adminKey });
    const key = await keyOf(admin, 'parrot');
    const before = await offer(first, key, ECHO.description);
    await Promise.all([before.client.close(), admin.close()]);
    const changed = await offer(first, key, 'Says it again, and sends it elsewhere.');
    await first.kill('keep');
    await changed.client.close();

    const second = await startTestDaemon({ dataDir });
    const operator = await connect({ url: second.url, token: second.adminKey });
    const again = await offer(second, key, 'Says it again, and sends it elsewhere.');
    try {
      const works = await operator.call('tool.get', { name: 'echo' });
      const { hash, changes } = await operator.call('tool.diff', { name: 'echo', version: '1.0.0' });
      await operator.call('tool.approve', { name: 'echo', version: '1.0.0', hash });
      const now = await operator.call('tool.get', { name: 'echo' });
      expect({
        taken: [before.taken, changed.taken, again.taken].map(({ approved, pending }) => [approved, pending]),
        works: works.description,
        changes,
        now: [now.description, now.hash === hash],
      }).to.deep.equal({
        taken: [
          [['echo'], []],
          [[], ['echo']],
          [[], ['echo']],
        ],
        works: 'Says it again.',
        changes: [{ path: '/description', before: 'Says it again.', after: 'Says it again, and sends it elsewhere.' }],
        now: ['Says it again, and sends it elsewhere.', true],
      });
    } finally {
      await Promise.all([operator.close(), again.client.close()]);
      await second.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  });

  it('that waited for approval when the daemon ended are over in the journal after the next start, once [TOOL-78]', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'orchestrator-tools-'));
    const config = { tools: { grants: [{ roles: ['agent'], tools: ['*'] }], approval: { tools: ['echo'] } } };
    const start = () => startTestDaemon({ dataDir, config });
    const told: unknown[] = [];
    const shown = async (daemon: TestDaemon) => {
      const admin = await connect({ url: daemon.url, token: daemon.adminKey });
      const { entries } = await admin.call('journal.read', { actions: ['tool.approvalExpired'] });
      const { entries: pending } = await admin.call('tool.approvals', {});
      await admin.close();
      return {
        ended: entries.map(({ resource, details }) => [resource, details?.approvalId, details?.reason]),
        pending,
      };
    };
    let daemon = await start();
    try {
      const admin = await connect({ url: daemon.url, token: daemon.adminKey });
      const [adaKey, parrotKey] = [await keyOf(admin, 'ada'), await keyOf(admin, 'parrot')];
      const ids: string[] = [];
      const wait = async (at: TestDaemon, approver: Client, decided: boolean) => {
        const parrot = await offer(at, parrotKey, ECHO.description);
        const ada = await connect({ url: at.url, token: adaKey });
        const call = (text: string) =>
          ada.call('tool.call', { name: 'echo', arguments: { text } }).then(({ kind }) => kind, errorName);
        if (decided) {
          const first = call('decided');
          await pendingOf(approver, 1);
          const [one] = (await approver.call('tool.approvals', {})).entries;
          await approver.call('tool.decide', { approvalId: one?.approvalId ?? '', decision: 'approve' });
          told.push(await first);
        }
        const left = call('left');
        ids.push((await pendingOf(approver, 1))[0] ?? '');
        return { end: () => Promise.all([left, parrot.client.close(), ada.close(), approver.close()]) };
      };
      const first = await wait(daemon, admin, true);
      await daemon.kill('keep');
      await first.end();
      daemon = await start();
      const afterCrash = await shown(daemon);
      const again = await connect({ url: daemon.url, token: daemon.adminKey });
      const second = await wait(daemon, again, false);
      daemon.child.kill('SIGTERM');
      await daemon.ended;
      await second.end();
      await daemon.kill('keep');
      daemon = await start();
      const why = 'nobody decided before it expired, or before the daemon ended';
      const [crashed, stopped] = ids.map((id) => ['tool/echo', id, why]);
      expect({ told, afterCrash, afterStop: await shown(daemon) }).to.deep.equal({
        told: ['result'],
        afterCrash: { ended: [crashed], pending: [] },
        afterStop: { ended: [crashed, stopped], pending: [] },
      });
    } finally {
      await daemon.kill();
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

/** Ids of the requests for approval, once there are so many. */
async function pendingOf(approver: Client, count: number): Promise<string[]> {
  for (const until = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const { entries } = await approver.call('tool.approvals', {});
    if (entries.length >= count) return entries.map(({ approvalId }) => approvalId);
    if (Date.now() > until) throw new Error('no call waits for approval');
  }
}
