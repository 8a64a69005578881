import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTestDaemon } from '../support/daemon.js';
import { pluginFolder } from '../support/plugin-folder.js';
import { sleep } from './support/loops.js';

/** Takes 64 MB of heap a second: until it is full enough for load to be shed, or without end. */
const LEAK = `
import { getHeapStatistics } from 'node:v8';
const Http = Symbol.for('ai-orchestrator/http');
const held = [];
export default {
  id: 'leak',
  contract: '1.0.0',
  requires: { http: Http },
  start({ services }) {
    let until = 0;
    // Never cleared: a leak does not end because the daemon stops.
    setInterval(() => {
      if (getHeapStatistics().used_heap_size >= until) return;
      for (let i = 0; i < 16; i++) held.push(Array.from({ length: 50_000 }, (_, k) => k + 0.5));
    }, 100);
    const mount = (path, bytes) => services.http.mount({
      path, methods: ['GET'], permission: 'public', handle: () => { until = bytes; return new Response('ok'); },
    });
    mount('/leak/soft', HEAP * 0.74);
    mount('/leak/all', Infinity);
  },
};
`;

/** Resolves when load is shed steadily: at first a collection can make room again, which the leak then fills. */
async function settled(url: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (let inRow = 0; inRow < 10 && performance.now() < deadline;) {
    const { status } = await fetch(`${url}/readyz`);
    inRow = status === 503 ? inRow + 1 : 0;
    await sleep(100);
  }
}

describe('F19: a heap near its limit', () => {
  for (const [mebibytes, ending] of [
    [128, 'a small heap'],
    [384, 'a larger heap'],
  ] as const) {
    it(`refuses new calls and sessions at the soft limit, and stops with a report at the hard one, as shipped: ${ending} [F19]`, async () => {
      const plugins = await pluginFolder('leak', LEAK.replace('HEAP', String(mebibytes * 1024 * 1024)));
      const daemon = await startTestDaemon({
        config: { pluginRoots: [plugins.root], plugins: { leak: { path: join(plugins.root, 'leak') } } },
        nodeArgs: [`--max-old-space-size=${mebibytes}`],
      });
      const client = await connect({ url: daemon.url, token: daemon.adminKey });
      try {
        await fetch(`${daemon.httpUrl}/leak/soft`);
        await daemon.logged(({ message }) => message?.startsWith('the heap is nearly full') === true);
        await settled(daemon.httpUrl);
        const call = await client
          .call('session.get', {})
          .catch((error: unknown) => (error as { errorName: string }).errorName);
        const { status: refused } = await fetch(`${daemon.httpUrl}/metrics`, {
          headers: { authorization: `Bearer ${daemon.adminKey}` },
        });
        const { status: alive } = await fetch(`${daemon.httpUrl}/livez`);
        const { status: ready } = await fetch(`${daemon.httpUrl}/readyz`);
        await fetch(`${daemon.httpUrl}/leak/all`);
        const end = await daemon.ended;
        const report = JSON.parse(await readFile(join(daemon.dataDir, 'overload-report.json'), 'utf8')) as object;
        expect({ call, refused, alive, ready, end, report: 'usedBytes' in report }).to.deep.equal({
          call: 'unavailable',
          refused: 503,
          alive: 200,
          ready: 503,
          end: { code: 1, signal: null },
          report: true,
        });
      } finally {
        await client.close();
        await daemon.kill();
        await plugins.remove();
      }
    });
  }
});
