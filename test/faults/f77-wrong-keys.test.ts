import { expect } from 'chai';
import { randomBytes } from 'node:crypto';
import { Connection, KeyedDaemon } from './support/keyed-daemon.js';

const GUESSES = process.env.FAULTS === 'full' ? 100_000 : 2_000;
const AT_ONCE = 20;

describe('F77: a flood of wrong keys', () => {
  it('is refused, then banned for a while, and whoever has a right key gets in and is served meanwhile [F77]', async () => {
    const { code, written } = await KeyedDaemon.during(async ({ url, adminKey }) => {
      const http = url.replace('ws:', 'http:').replace('/rpc', '/metrics');
      const statuses = new Map<number, number>();
      const guess = async () => {
        const key = `orc_${randomBytes(32).toString('base64url')}`;
        const answer = await fetch(http, { headers: { authorization: `Bearer ${key}` } });
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
});
