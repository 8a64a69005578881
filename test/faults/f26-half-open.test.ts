import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { makeCertificate } from '../support/certificate.js';
import { startTestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';
import { RawWebSocket } from '../support/raw-web-socket.js';
import { RpcClient } from '../support/rpc-client.js';
import { KEYS, startRpcHost } from '../support/rpc-host.js';
import { addTestMethods } from '../support/rpc-methods.js';
import { farNetwork } from './support/far-network.js';
import { sleep } from './support/loops.js';

/** A peer that is not scheduled for so long on a busy machine would count as silent. */
const PING_MS = 1_000;
const LEASE_MS = 8_000;
const FAR_AGENT = fileURLToPath(new URL('support/far-agent.js', import.meta.url));

async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`never: ${what}`);
    await sleep(50);
  }
}

describe('F26 half-open connection', () => {
  it('is ended when a ping went unanswered for an interval; one that answers them stays [F26]', async () => {
    const host = await startRpcHost({ limits: { pingIntervalMs: PING_MS } });
    addTestMethods(host);
    const idle = await RpcClient.connect(host.url, KEYS.admin);
    // The peer's kernel takes everything and the peer answers nothing.
    const { ws } = await RawWebSocket.connect(host.port, { authorization: `Bearer ${KEYS.observer}` });
    await ws.ended;
    const pings = ws.frames().filter(({ opcode }) => opcode === 9).length;
    const alive = await idle.call('sum');
    const left = [...host.sessions.all()].map(({ principal }) => principal?.id);
    await idle.close();
    await host.stop();
    expect({ pings, alive, left }).to.deep.equal({
      pings: 1,
      alive: { jsonrpc: '2.0', id: 1, result: 0 },
      left: ['admin'],
    });
  });

  it('behind a link that is down ends; the agent is back without a gap within its lease, and offline after it [F26]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-f26-'));
    const network = await farNetwork();
    const { certFile, keyFile, cert } = await makeCertificate(folder, network.address);
    const daemon = await startTestDaemon({
      config: {
        http: { host: network.address, tls: { cert: certFile, key: `file:${keyFile}` } },
        limits: { rpc: { pingIntervalMs: PING_MS }, agents: { leaseMs: LEASE_MS } },
      },
    });
    const near = await RawConnection.open(daemon.url, daemon.adminKey, cert);
    const far = spawn('nsenter', [...network.entry, process.execPath, FAR_AGENT, daemon.url, daemon.adminKey], {
      env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: certFile },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = new Promise((resolve) => far.once('close', resolve));
    const seen: number[] = [];
    createInterface(far.stdout).on('line', (line) => seen.push(Number(line)));
    const state = async () => (await near.result('agent.get', { agentId: 'far' })).state;
    const answer = async () => {
      const { result, error } = await near.call('message.request', { to: { agent: 'far' }, payload: '' });
      return (result as { payload: unknown } | undefined)?.payload ?? error?.data?.name;
    };
    const connections = async () => (await near.result('session.list')).total;
    try {
      await until(() => seen.length > 0, 'the agent is registered');
      const before = [await state(), await answer()];

      await network.pull();
      const pulled = performance.now();
      await until(async () => (await connections()) === 1, 'its connection has ended');
      const tookMs = performance.now() - pulled;
      const away = [await state(), await answer()];
      // Recorded while the agent cannot hear of it.
      await near.result('daemon.setLogLevel', { level: 'info' });
      await network.plug();
      await until(async () => (await connections()) === 2, 'it came back');
      await until(() => seen.length > 1, 'what it missed is sent to it');
      const back = [await state(), await answer()];

      await network.pull();
      await until(async () => (await state()) === 'offline', 'it is offline');
      const { entries } = await near.result('journal.read', { resource: 'agent/far' });
      expect({
        before,
        away,
        back,
        afterwards: await answer(),
        // Generous: the machine may be slow, while the kernel itself would take a quarter of an hour.
        inTime: tookMs < 2 * PING_MS + 3_000,
        journal: (entries as { action: string }[]).map(({ action }) => action),
        gaps: seen.filter((sequence, i) => i > 0 && sequence !== (seen[i - 1] ?? 0) + 1),
      }).to.deep.equal({
        before: ['ready', 'here'],
        // Its lease still runs, yet nobody is asked in vain.
        away: ['ready', 'agent_offline'],
        back: ['ready', 'here'],
        afterwards: 'agent_offline',
        inTime: true,
        journal: ['agent.registered', 'agent.stateChanged'],
        gaps: [],
      });
    } finally {
      far.kill('SIGKILL');
      await ended;
      await near.close();
      await daemon.stop();
      await network.dispose();
      await rm(folder, { recursive: true });
    }
  });
});
