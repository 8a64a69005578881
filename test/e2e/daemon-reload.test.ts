import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { startTestDaemon } from '../support/daemon.js';

describe('SIGHUP', () => {
  it('applies access rules and rate limits to who is connected, and refuses rules that are none [DAEMON-17]', async () => {
    const daemon = await startTestDaemon();
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    const reload = async (config: object, message: string, times: number) => {
      await writeFile(daemon.configFile, JSON.stringify({ http: { port: 0 }, ...config }));
      daemon.child.kill('SIGHUP');
      await daemon.logged(
        () => daemon.logs().filter((line) => line.message?.includes(message) === true).length === times,
      );
    };
    const outcome = async (): Promise<unknown> =>
      client.call('agent.list', {}).then(
        () => 'answered',
        (error: unknown) => (error as { errorName: string }).errorName,
      );
    try {
      const before = await outcome();
      const forbidding = { access: { forbids: [{ principal: 'adm*', permission: 'agent:read' }] } };
      await reload(forbidding, 'read again', 1);
      const forbidden = await outcome();
      await reload({ access: { forbids: [{ permission: 'nothing' }] } }, 'is refused', 1);
      const stillForbidden = await outcome();
      await reload({ access: { grants: { admin: ['daemon:*', 'session:read'] } } }, 'read again', 2);
      const notGranted = await outcome();
      await reload({ limits: { rate: { perSecond: 1, burst: 2 } } }, 'read again', 3);
      const limited = [await outcome(), await outcome(), await outcome()];
      expect({ before, forbidden, stillForbidden, notGranted, limited }).to.deep.equal({
        before: 'answered',
        forbidden: 'permission_denied',
        stillForbidden: 'permission_denied',
        notGranted: 'permission_denied',
        limited: ['answered', 'answered', 'rate_limited'],
      });
    } finally {
      await client.close();
      await daemon.stop();
    }
  });

  it('is not lost when another one is being dealt with [DAEMON-19]', async () => {
    const daemon = await startTestDaemon();
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    const allowed = () =>
      client.call('agent.list', {}).then(
        () => true,
        () => false,
      );
    try {
      for (const forbids of [[], [], [{ permission: 'agent:read' }]]) {
        await writeFile(daemon.configFile, JSON.stringify({ http: { port: 0 }, access: { forbids } }));
        daemon.child.kill('SIGHUP');
        // Long enough for each signal to arrive as one, too short for the reload before it.
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      while (await allowed()) await new Promise((resolve) => setTimeout(resolve, 20));
    } finally {
      await client.close();
      await daemon.stop();
    }
  });

  it('names the keys that wait for a restart each time, until they are as they were [DAEMON-20]', async () => {
    const daemon = await startTestDaemon();
    const node = (name?: string) =>
      JSON.stringify({ http: { port: 0 }, ...(name === undefined ? {} : { node: name }) });
    const reads = () => daemon.logs().filter(({ message }) => message === 'the configuration was read again');
    try {
      for (const [i, name] of ['other', 'other', undefined].entries()) {
        await writeFile(daemon.configFile, node(name));
        daemon.child.kill('SIGHUP');
        await daemon.logged(() => reads().length === i + 1);
      }
      expect(reads().map(({ needRestart }) => needRestart)).to.deep.equal([['node'], ['node'], []]);
    } finally {
      await daemon.stop();
    }
  });
});
