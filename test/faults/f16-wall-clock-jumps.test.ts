import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';
import { sleep } from './support/loops.js';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const JUMPS = ['+3600', '-3600', '@1970-01-01 00:00:10', '@2040-01-01 00:00:00', '+0'];

const answers = async (connection: RawConnection): Promise<boolean> =>
  (await connection.call('session.get')).error === undefined;

describe('F16: a wall clock that jumps', () => {
  it('ends no lease, no message and no idempotency key, lets every call through, keeps ids rising, and judges keys by what it says now [F16]', async () => {
    expect(existsSync(LIBRARY), 'libfaketime is needed').to.equal(true);
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-f16-'));
    const clock = join(folder, 'clock');
    await writeFile(clock, '+0');
    const daemon = await startTestDaemon({
      // What expires is looked for more than once at each jump.
      config: { limits: { effects: { sweepMs: 200 }, messages: { sweepMs: 200, receiptSweepMs: 200 } } },
      env: {
        LD_PRELOAD: LIBRARY,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    const { secret: halfHourKey } = await client.call('key.create', {
      name: 'half an hour',
      roles: ['observer'],
      expiresInMs: 1_800_000,
    });
    /** A connection that was open before each jump. */
    let guest = await RawConnection.open(daemon.url, halfHourKey);
    try {
      await client.call('agent.register', {
        agentId: 'steady',
        card: { name: 'Steady', version: '1.0.0', skills: [] },
      });
      const toKeep = { to: { agent: 'steady' }, payload: 'keep', ttlMs: 600_000, idempotencyKey: 'once' };
      const { messageId } = await client.call('message.send', toKeep);
      const messages: unknown[] = [];
      const sessionIds: string[] = [];
      const states: string[] = [];
      const keys: (readonly [accepted: boolean, kept: boolean])[] = [];
      const years: number[] = [];
      for (const jump of JUMPS) {
        await writeFile(clock, jump);
        // Past two sweeps for leases that ran out.
        await sleep(1200);
        const other = await connect({ url: daemon.url, token: daemon.adminKey });
        const accepted = await RawConnection.open(daemon.url, halfHourKey).catch(() => undefined);
        const deadline = performance.now() + 6_000;
        let kept = await answers(guest);
        while (kept && accepted === undefined && performance.now() < deadline) {
          await sleep(100);
          kept = await answers(guest);
        }
        keys.push([accepted !== undefined, kept]);
        if (!kept && accepted !== undefined) guest = accepted;
        else await accepted?.close();
        sessionIds.push((await other.call('session.get', {})).sessionId);
        const agent = await other.call('agent.get', { agentId: 'steady' });
        states.push(agent.state);
        await other.close();
        const again = await client.call('message.send', toKeep);
        messages.push([again.messageId === messageId, (await client.call('message.receipt', { messageId })).state]);
        await client.call('daemon.setLogLevel', { level: 'info' });
        const { entries } = await client.call('journal.read', { actions: ['daemon.logLevelChanged'] });
        years.push(new Date(entries.at(-1)?.time ?? '').getUTCFullYear());
      }
      const rising = sessionIds.every((id, i) => i === 0 || id > (sessionIds[i - 1] ?? ''));
      const { entries } = await client.call('journal.read', {});
      expect({
        rising,
        offline: states.filter((state) => state === 'offline'),
        messages,
        // The jumps were there: records are told by the wall clock.
        years: [years[2], years[3]],
        keys,
        agent: entries.filter(({ resource }) => resource === 'agent/steady').map(({ action }) => action),
        gaps: entries.filter(({ sequence }, i) => sequence !== i + 1).length,
      }).to.deep.equal({
        rising: true,
        offline: [],
        messages: JUMPS.map(() => [true, 'pending']),
        years: [1970, 2040],
        keys: [
          [false, false],
          [true, false],
          [true, true],
          [false, false],
          [true, false],
        ],
        agent: ['agent.registered'],
        gaps: 0,
      });
    } finally {
      await guest.close();
      await client.close();
      await daemon.kill();
      await rm(folder, { recursive: true });
    }
  });
});
