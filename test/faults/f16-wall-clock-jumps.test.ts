import { connect } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDaemon } from '../support/daemon.js';

const LIBRARY = '/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1';
const JUMPS = ['+3600', '-3600', '@1970-01-01 00:00:10', '@2040-01-01 00:00:00', '+0'];

describe('F16: a wall clock that jumps', () => {
  it('ends no lease, lets every call through and keeps ids rising [F16]', async () => {
    expect(existsSync(LIBRARY), 'libfaketime is needed').to.equal(true);
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-f16-'));
    const clock = join(folder, 'clock');
    await writeFile(clock, '+0');
    const daemon = await startTestDaemon({
      env: {
        LD_PRELOAD: LIBRARY,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
      },
    });
    const client = await connect({ url: daemon.url, token: daemon.adminKey });
    try {
      await client.call('agent.register', {
        agentId: 'steady',
        card: { name: 'Steady', version: '1.0.0', skills: [] },
      });
      const sessionIds: string[] = [];
      const states: string[] = [];
      const years: number[] = [];
      for (const jump of JUMPS) {
        await writeFile(clock, jump);
        // Past two sweeps for leases that ran out.
        await new Promise((resolve) => setTimeout(resolve, 1200));
        const other = await connect({ url: daemon.url, token: daemon.adminKey });
        sessionIds.push((await other.call('session.get', {})).sessionId);
        const agent = await other.call('agent.get', { agentId: 'steady' });
        states.push(agent.state);
        await other.close();
        await client.call('daemon.setLogLevel', { level: 'info' });
        const { entries } = await client.call('journal.read', { actions: ['daemon.logLevelChanged'] });
        years.push(new Date(entries.at(-1)?.time ?? '').getUTCFullYear());
      }
      const rising = sessionIds.every((id, i) => i === 0 || id > (sessionIds[i - 1] ?? ''));
      const { entries } = await client.call('journal.read', {});
      expect({
        rising,
        offline: states.filter((state) => state === 'offline'),
        // The jumps were there: records are told by the wall clock.
        years: [years[2], years[3]],
        gaps: entries.filter(({ sequence }, i) => sequence !== i + 1).length,
      }).to.deep.equal({ rising: true, offline: [], years: [1970, 2040], gaps: 0 });
    } finally {
      await client.close();
      await daemon.kill();
      await rm(folder, { recursive: true });
    }
  });
});
