import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { cpuMs } from '../support/cpu-ms.js';
import { startTestDaemon } from '../support/daemon.js';
import { RawConnection } from '../support/raw-connection.js';
import { RawWebSocket } from '../support/raw-web-socket.js';
import { Connection, KeyedDaemon } from './support/keyed-daemon.js';
import { sleep } from './support/loops.js';

const GUESSES = process.env.FAULTS === 'full' ? 100_000 : 2_000;
const AT_ONCE = 20;

/** Offered on one connection, in a batch; each second there are so many connections that 10,000 keys come. */
const KEYS_AT_ONCE = 50;
const CONNECTIONS = (process.env.FAULTS === 'full' ? 100_000 : 20_000) / KEYS_AT_ONCE;
const CONNECTIONS_PER_SECOND = 10_000 / KEYS_AT_ONCE;

const wrongKey = (): string => `orc_${randomBytes(32).toString('base64url')}`;

/** Offers a batch of wrong keys on a new connection; resolves when the daemon has closed it. */
async function offer(port: number): Promise<void> {
  const { ws } = await RawWebSocket.connect(port);
  const calls = Array.from({ length: KEYS_AT_ONCE }, (_, id) => ({
    jsonrpc: '2.0',
    id,
    method: 'session.authenticate',
    params: { token: wrongKey() },
  }));
  ws.send(1, JSON.stringify(calls));
  ws.socket.end();
  await ws.ended;
}

describe('F77: a flood of wrong keys', () => {
  it('is refused, then banned for a while, and whoever has a right key gets in and is served meanwhile [F77]', async () => {
    const { code, written } = await KeyedDaemon.during(async ({ url, adminKey }) => {
      const http = url.replace('ws:', 'http:').replace('/rpc', '/metrics');
      const statuses = new Map<number, number>();
      const guess = async () => {
        const answer = await fetch(http, { headers: { authorization: `Bearer ${wrongKey()}` } });
        await answer.arrayBuffer();
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      };
      const since = Date.now();
      let left = GUESSES;
      const flood = Array.from({ length: AT_ONCE }, async () => {
        while (left-- > 0) await guess();
      });
      const served: unknown[] = [];
      for (let i = 0; i < 5; i++) {
        const admin = await Connection.open(url, adminKey);
        served.push(await admin.call('daemon.ping', { echo: i }));
        admin.end();
      }
      await Promise.all(flood);
      const scrape = await fetch(http, { headers: { authorization: `Bearer ${adminKey}` } });
      const limited = /^orchestrator_authentications_total\{outcome="limited"\} (\d+)$/m.exec(await scrape.text())?.[1];
      expect(served).to.deep.equal([0, 1, 2, 3, 4].map((echo) => ({ pong: true, echo })));
      expect([...statuses.keys()].sort()).to.deep.equal([401, 429]);
      // A ban begins after 20 failures, of which one a second is forgiven; some are on their way when it begins.
      expect(statuses.get(401)).to.be.within(20, 20 + AT_ONCE + 2 * Math.ceil((Date.now() - since) / 1000));
      expect(Number(limited)).to.equal(statuses.get(429));
    });
    expect([code, written.includes('too many wrong credentials')]).to.deep.equal([0, true]);
  });

  it('costs little at 10,000 a second, many of them on one connection; right keys get in and are served [F77]', async () => {
    const daemon = await startTestDaemon();
    const port = Number(new URL(daemon.httpUrl).port);
    const resident = await RawConnection.open(daemon.url, daemon.adminKey);
    try {
      const before = await cpuMs(daemon.pid);
      const since = performance.now();
      let served = 0;
      let offered = 0;
      const open = new Set<Promise<void>>();
      while (offered < CONNECTIONS) {
        const due = Math.min(CONNECTIONS, ((performance.now() - since) / 1000) * CONNECTIONS_PER_SECOND);
        for (; offered < due; offered++) {
          const one = offer(port).finally(() => open.delete(one));
          open.add(one);
        }
        const newcomer = await RawConnection.open(daemon.url, daemon.adminKey);
        for (const client of [resident, newcomer]) {
          if ((await client.result('daemon.ping')).pong === true) served++;
        }
        await newcomer.close();
        await sleep(50);
      }
      await Promise.all(open);
      const costMs = ((await cpuMs(daemon.pid)) - before) / (CONNECTIONS * KEYS_AT_ONCE);
      expect({
        // A slow hash would take a hundred times as long for a single key.
        cheap: costMs < 1,
        served: served > 0 && served % 2 === 0,
        banned: daemon.logs().some(({ message }) => message?.startsWith('too many wrong credentials') === true),
      }).to.deep.equal({ cheap: true, served: true, banned: true });
    } finally {
      await resident.close();
      expect(await daemon.stop()).to.equal(0);
    }
  });
});
