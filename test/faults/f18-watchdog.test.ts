import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';
import { notifySocket } from '../support/notify-socket.js';
import { pluginFolder } from '../support/plugin-folder.js';

const BLOCKER = `
const Http = Symbol.for('ai-orchestrator/http');
export default {
  id: 'blocker',
  contract: '1.0.0',
  requires: { http: Http },
  start({ services, defer }) {
    defer(services.http.mount({
      path: '/block', methods: ['GET'], permission: 'public',
      handle: () => {
        const until = performance.now() + 3000;
        while (performance.now() < until);
        return new Response('done');
      },
    }));
  },
};
`;

describe('F18: the service manager and a blocked loop', () => {
  it('is told of readiness and stop, and is not fed while the loop is blocked [F18]', async () => {
    const [socket, plugins] = [await notifySocket(), await pluginFolder('blocker', BLOCKER)];
    const daemon = await startTestDaemon({
      config: { pluginRoots: [plugins.root] },
      env: { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: '1000000' },
    });
    try {
      await new Promise((resolve) => setTimeout(resolve, 1500));
      const fedBefore = socket.received.filter(({ text }) => text.includes('WATCHDOG=1')).length;
      const from = performance.now();
      await fetch(`${daemon.httpUrl}/block`);
      const to = performance.now();
      const fedDuring = socket.received.filter(
        // What was on its way when the block began may still arrive.
        ({ at, text }) => text.includes('WATCHDOG=1') && at > from + 500 && at < to - 100,
      ).length;
      const code = await daemon.stop();
      const texts = socket.received.map(({ text }) => text);
      expect({
        first: texts[0]?.includes('READY=1'),
        fedBefore: fedBefore > 0,
        fedDuring,
        stopping: texts.filter((text) => text.includes('STOPPING=1')).length,
        code,
      }).to.deep.equal({ first: true, fedBefore: true, fedDuring: 0, stopping: 1, code: 0 });
    } finally {
      await daemon.kill();
      await socket.close();
      await plugins.remove();
    }
  });
});
