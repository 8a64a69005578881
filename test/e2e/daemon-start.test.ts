import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { createServer, type AddressInfo } from 'node:net';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { orchestrator } from '../support/command-line.js';
import { startTestDaemon } from '../support/daemon.js';
import { inTempDirectory } from '../support/temp-home.js';

describe('orchestrator start', () => {
  it('is ready with its plugins, tells so in its status, journals start and stop, and ends with 0 [DAEMON-11]', async () => {
    const daemon = await startTestDaemon();
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    const status = await client.call('daemon.status', {});
    const { entries } = await client.call('journal.read', { actions: ['daemon.'] });
    await client.close();
    const code = await daemon.stop();
    expect({
      ready: status.ready,
      pid: status.pid,
      plugins: status.plugins.map(({ id, state }) => `${id} ${state}`),
      actions: entries.map(({ action }) => action),
      lines: daemon
        .logs()
        .map(({ message }) => message)
        .slice(-2),
      code,
    }).to.deep.equal({
      ready: true,
      pid: daemon.pid,
      plugins: [
        'core started',
        'daemon started',
        'storage-level started',
        'auth-apikey started',
        'metrics started',
        'mcp started',
      ],
      actions: ['daemon.started'],
      lines: ['stopping', 'stopped'],
      code: 0,
    });
  });

  it('does not start on a data directory that cannot be one, and names the key to change [DAEMON-60]', async () => {
    await inTempDirectory(async (directory) => {
      const file = join(directory, 'file');
      await writeFile(file, '');
      const { code, stderr } = await orchestrator(['start', '--http-port', '0', '--data-dir', file]);
      expect({ code, stderr }).to.deep.equal({
        code: 1,
        stderr:
          `error: The daemon did not start: the data directory ${file} cannot be used: EEXIST: file already exists, mkdir '${file}'; ` +
          'give it to the user of the daemon, or set dataDir (--data-dir, ORCHESTRATOR_DATA_DIR)\n',
      });
      // Nothing can be made there, and the system says that it is not there.
      const nowhere = await orchestrator(['start', '--http-port', '0', '--data-dir', '/proc/nowhere/at/all']);
      expect([nowhere.code, nowhere.stderr]).to.deep.equal([
        1,
        "error: The daemon did not start: the data directory /proc/nowhere/at/all cannot be used: ENOENT: no such file or directory, mkdir '/proc/nowhere'; " +
          'give it to the user of the daemon, or set dataDir (--data-dir, ORCHESTRATOR_DATA_DIR)\n',
      ]);
      const doctor = await orchestrator(['doctor', '--http-port', '0', '--data-dir', file]);
      expect(doctor.code).to.equal(10);
      expect(doctor.stdout).to.contain(`${file} is not a directory`);
    });
  });

  it('leaves nothing behind that says it runs', async () => {
    const daemon = await startTestDaemon();
    const during = await readdir(daemon.dataDir);
    daemon.child.kill('SIGTERM');
    await daemon.ended;
    const after = await readdir(daemon.dataDir);
    await daemon.kill();
    expect([during.includes('daemon.json'), after.includes('daemon.json')]).to.deep.equal([true, false]);
  });

  it('answers probes, and guards its HTTP like its WebSocket [DAEMON-12]', async () => {
    const daemon = await startTestDaemon();
    const answer = async (path: string, headers: Record<string, string> = {}, method = 'GET') =>
      (await fetch(`${daemon.httpUrl}${path}`, { headers, method })).status;
    const bearer = { authorization: `Bearer ${daemon.adminKey}` };
    try {
      expect({
        livez: await answer('/livez'),
        readyz: await answer('/readyz'),
        startupz: await answer('/startupz'),
        openrpc: await answer('/openrpc.json'),
        post: await answer('/livez', {}, 'POST'),
        nothing: await answer('/nothing'),
        metricsAnonymous: await answer('/metrics'),
        metricsWrongKey: await answer('/metrics', { authorization: 'Bearer orc_wrong' }),
        metrics: await answer('/metrics', bearer),
        foreignOrigin: await answer('/metrics', { ...bearer, origin: 'https://evil.example' }),
      }).to.deep.equal({
        livez: 200,
        readyz: 200,
        startupz: 200,
        openrpc: 200,
        post: 405,
        nothing: 404,
        metricsAnonymous: 401,
        metricsWrongKey: 401,
        metrics: 200,
        foreignOrigin: 403,
      });
    } finally {
      await daemon.stop();
    }
  });

  it('checks Host and Origin of WebSocket upgrades, whatever key they bring [DAEMON-18]', async () => {
    const daemon = await startTestDaemon();
    const upgrade = (headers: Record<string, string>) =>
      new Promise<number>((resolve, reject) => {
        const socket = new WebSocket(daemon.url, {
          headers: { authorization: `Bearer ${daemon.adminKey}`, ...headers },
        });
        socket.once('unexpected-response', (_request, response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        socket.once('open', () => {
          socket.close();
          resolve(101);
        });
        socket.once('error', reject);
      });
    try {
      expect({
        none: await upgrade({}),
        own: await upgrade({ origin: daemon.httpUrl }),
        foreignOrigin: await upgrade({ origin: 'https://evil.example' }),
        foreignHost: await upgrade({ host: 'rebound.example' }),
      }).to.deep.equal({ none: 101, own: 101, foreignOrigin: 403, foreignHost: 403 });
    } finally {
      await daemon.stop();
    }
  });

  it('names the key to change when its port is taken [DAEMON-13]', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const { port } = taken.address() as AddressInfo;
    const daemon = await startTestDaemon({ config: { http: { port } }, starting: true });
    const { code } = await daemon.ended;
    await daemon.kill();
    taken.close();
    const text = daemon
      .logs()
      .map((line) => String(line.text))
      .join('\n');
    expect({ code, key: text.includes('http.port') }).to.deep.equal({ code: 12, key: true });
  });

  it('changes the log level of one plugin while running', async () => {
    const daemon = await startTestDaemon();
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    try {
      const done = await client.call('daemon.setLogLevel', { level: 'debug', logger: 'http' });
      const unknown = await client
        .call('daemon.setLogLevel', { level: 'debug', logger: 'nobody' })
        .catch((error: unknown) => (error as { errorName: string }).errorName);
      expect([done, unknown]).to.deep.equal([{ done: true }, 'not_found']);
    } finally {
      await client.close();
      await daemon.stop();
    }
  });
});
