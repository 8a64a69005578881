import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect as dial, type Socket } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { pluginFolder } from '../support/plugin-folder.js';

const FEW_FILES = ['prlimit', '--nofile=128:128'];

/** Takes every file that can be opened, also those that others let go meanwhile, until a file is gone: to look for it takes none. */
const HOG = `
import { closeSync, existsSync, openSync } from 'node:fs';
const Http = Symbol.for('ai-orchestrator/http');
export default {
  id: 'hog',
  contract: '1.0.0',
  requires: { http: Http },
  start({ services, defer }) {
    const held = [];
    const free = () => held.splice(0).forEach(closeSync);
    defer(free);
    defer(services.http.mount({
      path: '/hog', methods: ['GET'], permission: 'public',
      handle: () => {
        const taking = setInterval(() => {
          if (!existsSync('WHILE')) { clearInterval(taking); free(); return; }
          try { for (;;) held.push(openSync('/dev/null')); } catch (error) { if (error.code !== 'EMFILE') throw error; }
        }, 20);
        return new Response('ok', { headers: { connection: 'close' } });
      },
    }));
  },
};
`;

async function opened(port: number): Promise<Socket> {
  const socket = dial(port, '127.0.0.1');
  socket.on('error', () => undefined);
  // Unread, it would not see its end.
  socket.resume();
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return socket;
}

const alive = (daemon: TestDaemon): Promise<number> =>
  fetch(`${daemon.httpUrl}/livez`).then(
    ({ status }) => status,
    () => 0,
  );

async function upgradeStatus(url: string, authorization: string): Promise<number | undefined> {
  const socket = new WebSocket(url, { headers: { authorization } });
  socket.on('error', () => undefined);
  const [, { statusCode }] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  socket.terminate();
  return statusCode;
}

async function refusedConnections(daemon: TestDaemon): Promise<number> {
  const headers = { authorization: `Bearer ${daemon.adminKey}` };
  const metrics = await (await fetch(`${daemon.httpUrl}/metrics`, { headers })).text();
  return Number(/^orchestrator_connections_refused_total (\d+)$/m.exec(metrics)?.[1]);
}

async function untilAlive(daemon: TestDaemon): Promise<number> {
  const deadline = performance.now() + 60_000;
  while (performance.now() < deadline) {
    if ((await alive(daemon)) === 200) return 200;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return 0;
}

describe('F21: no file descriptors left', () => {
  it('keeps a reserve: with 128 files it starts, and tells who is one too many to come again; probes are answered [F21]', async () => {
    const daemon = await startTestDaemon({ wrapper: FEW_FILES });
    const port = Number(new URL(daemon.httpUrl).port);
    const sockets: Socket[] = [];
    try {
      for (let i = 0; i < 60; i++) sockets.push(await opened(port));
      const authorization = `Bearer ${daemon.adminKey}`;
      const asked = await fetch(`${daemon.httpUrl}/metrics`, { headers: { authorization } });
      const refusal = (await asked.json()) as { readonly error: { readonly name: string } };
      const upgrade = await upgradeStatus(daemon.url, authorization);
      expect({
        status: asked.status,
        retryAfter: asked.headers.get('retry-after'),
        error: refusal.error.name,
        upgrade,
        alive: await alive(daemon),
      }).to.deep.equal({ status: 503, retryAfter: '1', error: 'unavailable', upgrade: 503, alive: 200 });
    } finally {
      for (const socket of sockets) socket.destroy();
      expect(await daemon.stop()).to.equal(0);
    }
  });

  it('serves a connection that came when there was no room once there is [F21]', async () => {
    const daemon = await startTestDaemon({ wrapper: FEW_FILES, config: { http: { keepAliveTimeoutMs: 60_000 } } });
    const port = Number(new URL(daemon.httpUrl).port);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const headers = { authorization: `Bearer ${daemon.adminKey}` };
    const asked = async (path: string, options: RequestOptions = {}) => {
      const asking = get(`${daemon.httpUrl}${path}`, { headers, agent: false, ...options });
      const [answer] = (await once(asking, 'response')) as [IncomingMessage];
      const { statusCode, socket } = answer;
      const { localPort } = socket;
      await once(answer.resume(), 'end');
      return [statusCode, localPort] as const;
    };
    const sockets: Socket[] = [];
    try {
      for (let i = 0; i < 60; i++) sockets.push(await opened(port));
      const [alive, from] = await asked('/livez', { agent });
      const [full] = await asked('/metrics');
      for (const socket of sockets) socket.destroy();
      for (let left = 100; (await asked('/metrics'))[0] !== 200 && left > 0; left--) await after(50);
      const [served, again] = await asked('/metrics', { agent });
      expect([alive, full, served, again]).to.deep.equal([200, 503, 200, from]);
    } finally {
      agent.destroy();
      for (const socket of sockets) socket.destroy();
      expect(await daemon.stop()).to.equal(0);
    }
  });

  it('closes those that do not fit at all with an alarm and a count, serves who is there, and takes others again when there is room [F21]', async () => {
    const daemon = await startTestDaemon({ wrapper: FEW_FILES });
    const port = Number(new URL(daemon.httpUrl).port);
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    const sockets: Socket[] = [];
    try {
      for (let i = 0; i < 200; i++) sockets.push(await opened(port));
      const alarm = await daemon.logged(({ message }) => message?.startsWith('connections are refused') === true);
      const { checks } = await client.call('daemon.status', {});
      const last = sockets.at(-1);
      if (last?.destroyed === false) await once(last, 'close');
      for (const socket of sockets) socket.destroy();
      const afterwards = await untilAlive(daemon);
      const other = await connect({ url: daemon.url, token: daemon.adminKey });
      await other.close();
      expect({
        level: alarm.level,
        room: alarm.connections,
        listener: checks.find(({ name }) => name === 'listener')?.healthy,
        // One of the room is the client's.
        counted: (await refusedConnections(daemon)) >= 200 - 63,
        afterwards,
        ended: daemon.child.exitCode,
      }).to.deep.equal({
        level: 'error',
        room: 64,
        listener: false,
        counted: true,
        afterwards: 200,
        ended: null,
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      await client.close();
      expect(await daemon.stop()).to.equal(0);
    }
  });

  it('says so when even the reserve is gone, serves who is there, and takes connections again afterwards [F21]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-f21-'));
    const whileThere = join(folder, 'hog');
    await writeFile(whileThere, '');
    const plugins = await pluginFolder('hog', HOG.replace('WHILE', whileThere));
    const daemon = await startTestDaemon({ wrapper: FEW_FILES, config: { pluginRoots: [plugins.root], plugins: {} } });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    try {
      await fetch(`${daemon.httpUrl}/hog`);
      const alarm = await daemon.logged(({ message }) => message?.includes('(EMFILE)') === true);
      const refused = await alive(daemon);
      const { checks } = await client.call('daemon.status', {});
      await rm(whileThere);
      await daemon.logged(({ message }) => message === 'connections are taken again');
      expect({
        level: alarm.level,
        refused,
        listener: checks.find(({ name }) => name === 'listener')?.healthy,
        afterwards: await untilAlive(daemon),
        ended: daemon.child.exitCode,
      }).to.deep.equal({ level: 'error', refused: 0, listener: false, afterwards: 200, ended: null });
    } finally {
      await rm(whileThere, { force: true });
      await client.close();
      expect(await daemon.stop()).to.equal(0);
      await plugins.remove();
      await rm(folder, { recursive: true });
    }
  });
});
