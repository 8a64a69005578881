import { expect } from 'chai';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startTestDaemon } from '../support/daemon.js';
import { RawWebSocket } from '../support/raw-web-socket.js';
import { residentMiB } from '../support/resident.js';
import { RpcClient } from '../support/rpc-client.js';

/** Its `bench.put` is one durable commit with a record in the journal. */
const PLUGIN = fileURLToPath(new URL('../../bench/plugin', import.meta.url));
const VALUE = 'x'.repeat(1_000);
const LOAD_MS = 10_000;
/** Goes on longer on a slow machine, until there was some load. */
const LONGEST_MS = 60_000;
const LEAST_WRITTEN = 500;
const WRITERS = 4;
/** Between a writer's answer and its next write. */
const PACE_MS = 2;
const SLOW_READERS = 4;
/** The V8 of Node 24 and later itself takes 20 to 30 MiB more: its code alone 10. */
const MOST_MIB = Number.parseInt(process.versions.node, 10) < 24 ? 150 : 180;

describe('F24 the memory of the daemon beside four sockets that subscribe and never read', () => {
  it('stays under 150 MiB, 180 on Node 24, while others write [DAEMON-42]', async function () {
    this.timeout(2 * LONGEST_MS);
    const daemon = await startTestDaemon({
      config: {
        limits: { rate: { perSecond: 1_000_000, burst: 1_000_000 } },
        pluginRoots: [dirname(PLUGIN)],
        plugins: { bench: { path: PLUGIN } },
      },
      // As the unit sets it; and what Node keeps to measure coverage is not the daemon's.
      env: { MALLOC_ARENA_MAX: '2', NODE_V8_COVERAGE: '' },
    });
    const sockets: RawWebSocket[] = [];
    try {
      for (let i = 0; i < SLOW_READERS; i++) {
        const { ws } = await RawWebSocket.connect(Number(new URL(daemon.url).port), {
          authorization: `Bearer ${daemon.adminKey}`,
        });
        sockets.push(ws);
        ws.send(1, '{"jsonrpc":"2.0","id":1,"method":"journal.subscribe","params":{}}');
        await once(ws.socket, 'data');
        ws.socket.pause();
      }
      let writing = true;
      let written = 0;
      const write = async (): Promise<void> => {
        const client = await RpcClient.connect(daemon.url, daemon.adminKey);
        while (writing) {
          const answer = (await client.call('bench.put', { data: VALUE })) as { result?: unknown };
          if (answer.result !== undefined) written++;
          await sleep(PACE_MS);
        }
        await client.close();
      };
      const writers = Array.from({ length: WRITERS }, write);
      let mostMiB = 0;
      const begun = Date.now();
      const busyMs = (): number => (written <= LEAST_WRITTEN ? LONGEST_MS : LOAD_MS);
      while (Date.now() < begun + busyMs()) {
        await sleep(100);
        mostMiB = Math.max(mostMiB, await residentMiB(daemon.pid));
      }
      writing = false;
      await Promise.all(writers);
      expect(written).to.be.above(LEAST_WRITTEN);
      expect(mostMiB).to.be.below(MOST_MIB);
    } finally {
      for (const { socket } of sockets) socket.destroy();
      await daemon.kill();
    }
  });
});
