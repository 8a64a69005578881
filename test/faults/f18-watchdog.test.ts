import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';
import { notifySocket } from '../support/notify-socket.js';
import { pluginFolder } from '../support/plugin-folder.js';

/** Milliseconds. */
const BLOCK = process.env.FAULTS === 'full' ? 10_000 : 3_000;

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
        const until = performance.now() + ${BLOCK};
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
      const { status: ready } = await fetch(`${daemon.httpUrl}/readyz`);
      const named = await daemon.logged(({ message }) => message?.startsWith('the event loop was blocked') === true);
      const metrics = await fetch(`${daemon.httpUrl}/metrics`, {
        headers: { authorization: `Bearer ${daemon.adminKey}` },
      });
      const counted = /orchestrator_event_loop_blocked_total\{plugin="blocker"\} (\d+)/.exec(await metrics.text())?.[1];
      const fedDuring = socket.received.filter(
        // What was on its way when the block began may still arrive.
        ({ at, text }) => text.includes('WATCHDOG=1') && at > from + 1_000 && at < to - 100,
      ).length;
      const code = await daemon.stop();
      // The helper that listens can print an empty line before the first message.
      const texts = socket.received.flatMap(({ text }) => (text === '' ? [] : [text]));
      expect({
        first: texts[0]?.includes('READY=1'),
        fedBefore: fedBefore > 0,
        fedDuring,
        ready,
        named: named.plugin,
        counted,
        stopping: texts.filter((text) => text.includes('STOPPING=1')).length,
        code,
      }).to.deep.equal({
        first: true,
        fedBefore: true,
        fedDuring: 0,
        ready: 503,
        named: 'blocker',
        counted: '1',
        stopping: 1,
        code: 0,
      });
    } finally {
      await daemon.kill();
      await socket.close();
      await plugins.remove();
    }
  });
});
