import { expect } from 'chai';
import { startTestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';
import { residentMiB } from '../support/resident.js';
import { sleep } from './support/loops.js';

const restart = { intensity: 1, periodMs: 60_000, backoffMs: 10, maxBackoffMs: 10 };
const program = (script: string) => ({ command: '/bin/sh', args: ['-c', script], restart });

describe('F40: a program that floods', () => {
  it('is slowed down, then killed and given up by its restart rule, while the daemon answers within its memory [F40]', async () => {
    const daemon = await startTestDaemon({
      config: {
        limits: { programs: { floodMs: 2_000, runawayLineBytes: 4_000_000 } },
        programs: {
          fast: program('exec yes'),
          endless: program('exec head -c 200000000 /dev/zero'),
          steady: program('echo here; exec sleep 1000'),
        },
      },
    });
    const client = await RawConnection.open(daemon.url, daemon.adminKey);
    try {
      const before = await residentMiB(daemon.pid);
      let [most, pongs, failed] = [0, 0, false];
      for (const deadline = performance.now() + 60_000; !failed && performance.now() < deadline;) {
        await sleep(100);
        if ((await client.result('daemon.ping')).pong === true) pongs++;
        most = Math.max(most, await residentMiB(daemon.pid));
        const { entries } = (await client.result('program.list')) as { entries: readonly { state: string }[] };
        failed = entries.filter(({ state }) => state === 'failed').length === 2;
      }
      const { entries } = (await client.result('program.list')) as {
        entries: readonly { name: string; state: string; exit?: string }[];
      };
      const logs = (await client.result('program.logs', { name: 'steady' })) as {
        entries: readonly { line: string }[];
      };
      expect({
        programs: entries.map(({ name, state, exit }) => [name, state, exit]),
        steady: logs.entries.map(({ line }) => line),
        answered: pongs > 0,
        grownLittle: most - before < 150,
      }).to.deep.equal({
        programs: [
          ['fast', 'failed', 'a kill: it printed more than is read for 2000 ms (stdout)'],
          ['endless', 'failed', 'a kill: it printed a line of more than 4000000 bytes (stdout)'],
          ['steady', 'running', undefined],
        ],
        steady: ['here'],
        answered: true,
        grownLittle: true,
      });
    } finally {
      await client.close();
      expect(await daemon.stop()).to.equal(0);
    }
  });
});
