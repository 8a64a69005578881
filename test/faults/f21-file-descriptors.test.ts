import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { connect as dial, type Socket } from 'node:net';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { pluginFolder } from '../support/plugin-folder.js';

const FEW_FILES = ['prlimit', '--nofile=128:128'];

/** Opens files until no more can be opened, and closes them after three seconds. */
const HOG = `
import { closeSync, openSync } from 'node:fs';
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
        setTimeout(() => {
          try { for (;;) held.push(openSync('/dev/null')); } catch { setTimeout(free, 3000); }
        }, 100);
        return new Response('ok', { headers: { connection: 'close' } });
      },
    }));
  },
};
`;

async function opened(port: number): Promise<Socket> {
  const socket = dial(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return socket;
}

const alive = (daemon: TestDaemon): Promise<number> =>
  fetch(`${daemon.httpUrl}/livez`).then(
    ({ status }) => status,
    () => 0,
  );

async function untilAlive(daemon: TestDaemon): Promise<number> {
  const deadline = performance.now() + 10_000;
  while (performance.now() < deadline) {
    if ((await alive(daemon)) === 200) return 200;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return 0;
}

describe('F21: no file descriptors left', () => {
  it('keeps a reserve: with 128 files it starts, refuses connections with an alarm, and takes them again when there is room [F21]', async () => {
    const daemon = await startTestDaemon({ wrapper: FEW_FILES });
    const port = Number(new URL(daemon.httpUrl).port);
    const sockets: Socket[] = [];
    try {
      for (let i = 0; i < 200; i++) sockets.push(await opened(port));
      const alarm = await daemon.logged(({ message }) => message?.startsWith('connections are refused') === true);
      for (const socket of sockets) socket.destroy();
      expect({
        level: alarm.level,
        room: alarm.connections,
        alive: await untilAlive(daemon),
        ended: daemon.child.exitCode,
      }).to.deep.equal({ level: 'error', room: 64, alive: 200, ended: null });
    } finally {
      for (const socket of sockets) socket.destroy();
      expect(await daemon.stop()).to.equal(0);
    }
  });

  it('says so when even the reserve is gone, serves who is there, and takes connections again afterwards [F21]', async () => {
    const plugins = await pluginFolder('hog', HOG);
    const daemon = await startTestDaemon({ wrapper: FEW_FILES, config: { pluginRoots: [plugins.root], plugins: {} } });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    try {
      await fetch(`${daemon.httpUrl}/hog`);
      const alarm = await daemon.logged(({ message }) => message?.includes('(EMFILE)') === true);
      const refused = await alive(daemon);
      const { checks } = await client.call('daemon.status', {});
      await daemon.logged(({ message }) => message === 'connections are taken again');
      expect({
        level: alarm.level,
        refused,
        listener: checks.find(({ name }) => name === 'listener')?.healthy,
        afterwards: await untilAlive(daemon),
        ended: daemon.child.exitCode,
      }).to.deep.equal({ level: 'error', refused: 0, listener: false, afterwards: 200, ended: null });
    } finally {
      await client.close();
      expect(await daemon.stop()).to.equal(0);
      await plugins.remove();
    }
  });
});
