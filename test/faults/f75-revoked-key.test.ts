import { expect } from 'chai';
import { Connection, KeyedDaemon } from './support/keyed-daemon.js';

interface Made {
  readonly key: { readonly keyId: string };
  readonly secret: string;
}

describe('F75: a key is revoked or rotated while connected', () => {
  it('closes what came by the old secret within 5 s, refuses it afterwards, and no secret was written anywhere [F75]', async () => {
    const secrets: string[] = [];
    const { code, written } = await KeyedDaemon.during(async ({ url, adminKey }) => {
      const admin = await Connection.open(url, adminKey);
      const make = async (name: string) => (await admin.call('key.create', { name, roles: ['agent'] })) as Made;
      const [revoked, rotated] = [await make('revoked'), await make('rotated')];
      const byHeader = await Connection.open(url, revoked.secret);
      const byCall = await Connection.open(url);
      await byCall.call('session.authenticate', { token: rotated.secret });
      const before = [await byHeader.call('daemon.ping', {}), await byCall.call('agent.list', {})];

      const since = Date.now();
      await admin.call('key.revoke', { keyId: revoked.key.keyId });
      const { secret: renewed } = (await admin.call('key.rotate', { keyId: rotated.key.keyId })) as Made;
      const codes = await Promise.all([byHeader.closed, byCall.closed]);
      const tookMs = Date.now() - since;

      const late = await Connection.open(url);
      const answers = [
        await late.call('session.authenticate', { token: revoked.secret }),
        await late.call('session.authenticate', { token: rotated.secret }),
        await admin.call('daemon.ping', {}),
      ];
      const again = await Connection.open(url, renewed);
      secrets.push(adminKey, revoked.secret, rotated.secret, renewed);
      expect({ before, answers, again: await again.call('daemon.ping', {}) }).to.deep.equal({
        before: [{ pong: true }, { entries: [] }],
        answers: ['unauthenticated', 'unauthenticated', { pong: true }],
        again: { pong: true },
      });
      expect(codes.every((one) => one >= 4000)).to.equal(true);
      expect(tookMs).to.be.below(5000);
      for (const open of [late, again, admin]) open.end();
    });
    expect({ code, leaked: secrets.filter((secret) => written.includes(secret.slice(4))) }).to.deep.equal({
      code: 0,
      leaked: [],
    });
  });
});
