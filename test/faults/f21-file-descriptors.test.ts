import { expect } from 'chai';
import { connect as dial, type Socket } from 'node:net';
import { startTestDaemon } from '../support/daemon.js';

async function opened(port: number): Promise<Socket> {
  const socket = dial(port, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  return socket;
}

describe('F21: no file descriptors left', () => {
  it('refuses connections with an alarm, and takes them again when there is room [F21]', async () => {
    const daemon = await startTestDaemon({ wrapper: ['prlimit', '--nofile=256:256'] });
    const port = Number(new URL(daemon.httpUrl).port);
    const sockets: Socket[] = [];
    try {
      for (let i = 0; i < 250; i++) sockets.push(await opened(port));
      const alarm = await daemon.logged(({ message }) => message?.startsWith('connections are refused') === true);
      for (const socket of sockets) socket.destroy();
      const deadline = performance.now() + 10_000;
      let status = 0;
      while (status !== 200 && performance.now() < deadline) {
        status = await fetch(`${daemon.httpUrl}/livez`).then(
          (r) => r.status,
          () => 0,
        );
      }
      expect({ level: alarm.level, status, ended: daemon.child.exitCode }).to.deep.equal({
        level: 'error',
        status: 200,
        ended: null,
      });
    } finally {
      for (const socket of sockets) socket.destroy();
      expect(await daemon.stop()).to.equal(0);
    }
  });
});
