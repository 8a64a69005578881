import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startTestDaemon } from '../support/daemon.js';
import { pluginFolder } from '../support/plugin-folder.js';

/** Takes 64 MB of heap a second until it is told a share at which to stop; then holds it. */
const LEAK = `
import { getHeapStatistics } from 'node:v8';
const Http = Symbol.for('ai-orchestrator/http');
const held = [];
export default {
  id: 'leak',
  contract: '1.0.0',
  requires: { http: Http },
  start({ services, defer }) {
    let stopAt = 0;
    const timer = setInterval(() => {
      const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics();
      if (used / limit < stopAt) for (let i = 0; i < 16; i++) held.push(Array.from({ length: 50_000 }, (_, k) => k + 0.5));

    }, 100);
    defer(() => clearInterval(timer));
    const mount = (path, share) => defer(services.http.mount({
      path, methods: ['GET'], permission: 'public', handle: () => { stopAt = share; return new Response('ok'); },
    }));
    mount('/leak/soft', 0.6);
    mount('/leak/all', 2);
  },
};
`;

describe('F19: a heap near its limit', () => {
  it('refuses new calls and sessions at the soft limit, and stops with a report at the hard one [F19]', async () => {
    const plugins = await pluginFolder('leak', LEAK);
    const daemon = await startTestDaemon({
      config: { pluginRoots: [plugins.root], overload: { heapSoftLimit: 0.5, heapHardLimit: 0.75 } },
      nodeArgs: ['--max-old-space-size=256'],
    });
    try {
      const client = await connect({ url: daemon.url, token: daemon.adminKey });
      await fetch(`${daemon.httpUrl}/leak/soft`);
      await daemon.logged(({ message }) => message?.startsWith('the heap is nearly full') === true);
      const call = await client
        .call('session.get', {})
        .catch((error: unknown) => (error as { errorName: string }).errorName);
      const upgrade = await fetch(`${daemon.httpUrl}/metrics`, {
        headers: { authorization: `Bearer ${daemon.adminKey}` },
      });
      const { status: alive } = await fetch(`${daemon.httpUrl}/livez`);
      const { status: ready } = await fetch(`${daemon.httpUrl}/readyz`);
      await fetch(`${daemon.httpUrl}/leak/all`);
      const end = await daemon.ended;
      await client.close();
      const report = JSON.parse(await readFile(join(daemon.dataDir, 'overload-report.json'), 'utf8')) as object;
      expect({ call, refused: upgrade.status, alive, ready, end, report: 'usedBytes' in report }).to.deep.equal({
        call: 'unavailable',
        refused: 503,
        alive: 200,
        ready: 503,
        end: { code: 1, signal: null },
        report: true,
      });
    } finally {
      await daemon.kill();
      await plugins.remove();
    }
  });
});
