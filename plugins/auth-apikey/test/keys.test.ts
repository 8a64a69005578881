import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { callBy, World } from './world.js';

const admin = callBy('admin', 'admin');

async function refusal(asking: Promise<unknown>): Promise<string> {
  try {
    await asking;
    return 'none';
  } catch (error) {
    if (error instanceof OrchestratorError) return error.errorName;
    throw error;
  }
}

describe('key.create', () => {
  it('makes a key that logs in as its principal, with its roles [ACCESS-22]', () =>
    World.in(async (world) => {
      const { handlers, who, stop } = await world.start();
      const { key, secret } = await handlers.create({ name: 'Écho agent!', roles: ['agent'] }, admin);
      const principal = await who(secret);
      await stop();
      expect([principal, key]).to.deep.equal([
        { id: 'E-cho-agent', kind: 'agent', roles: ['agent'], credentialId: `${key.keyId}.1` },
        {
          keyId: key.keyId,
          name: 'Écho agent!',
          principal: 'E-cho-agent',
          kind: 'agent',
          roles: ['agent'],
          createdAt: '2026-01-01T00:00:00.000Z',
          createdBy: 'admin',
        },
      ]);
    }));

  it('keeps nothing of a secret but its hash: not in the store, the journal or the log [ACCESS-23]', () =>
    World.in(async (world) => {
      const { handlers, services, stop } = await world.start();
      const { key, secret } = await handlers.create({ name: 'echo', roles: ['agent'] }, admin);
      const rotated = await handlers.rotate({ keyId: key.keyId }, admin);
      const issued = await services.keyIssuer.issue({ id: 'program', kind: 'agent', roles: ['agent'] });
      await stop();
      const kept = world.store.dump() + world.lines.join('\n');
      const secrets = [secret, rotated.secret, issued.secret, await world.adminKey()];
      expect(secrets.filter((one) => kept.includes(one.slice(4)))).to.deep.equal([]);
      expect(world.store.events.map(({ action }) => action)).to.deep.equal([
        'key.created',
        'key.created',
        'key.rotated',
        'key.created',
      ]);
    }));

  it('gives keys of the same name principals of their own, and one principal where it is said', () =>
    World.in(async (world) => {
      const { handlers, stop } = await world.start();
      const named = (name: string, principal?: string) =>
        handlers.create({ name, roles: ['agent'], ...(principal !== undefined && { principal }) }, admin);
      const made = await Promise.all([named('echo'), named('echo'), named('echo', 'echo'), named('🦉')]);
      await stop();
      const principals = made.map(({ key }) => key.principal);
      expect([principals[0], principals[2], principals[3]]).to.deep.equal(['echo', 'echo', made[3].key.keyId]);
      expect(principals[1]).to.match(/^echo-[0-9a-f]{12}$/);
    }));

  it('lets nobody but an admin give away more than they have, or stand for somebody else [ACCESS-24]', () =>
    World.in(async (world) => {
      const { handlers, stop } = await world.start();
      const keeper = callBy('keeper', 'operator', 'agent');
      const seen = [
        await refusal(handlers.create({ name: 'a', roles: ['admin'] }, keeper)),
        await refusal(handlers.create({ name: 'a', roles: ['agent', 'observer'] }, keeper)),
        await refusal(handlers.create({ name: 'a', principal: 'admin', roles: ['agent'] }, keeper)),
        await refusal(handlers.rotate({ keyId: 'admin' }, keeper)),
        await refusal(handlers.revoke({ keyId: 'admin' }, keeper)),
        await refusal(handlers.create({ name: 'a', principal: 'daemon', roles: ['agent'] }, admin)),
        await refusal(handlers.create({ name: 'a', roles: ['operator', 'agent'] }, keeper)),
      ];
      await stop();
      expect(seen).to.deep.equal([...Array<string>(6).fill('permission_denied'), 'none']);
    }));

  it('refuses more keys than the bound, and forgets ended ones for new ones', () =>
    World.in(async (world) => {
      const { handlers, stop } = await world.start({ maxKeys: 3 });
      const make = () => handlers.create({ name: 'k', roles: ['agent'] }, admin);
      const [first] = await Promise.all([make(), make()]);
      const full = await refusal(make());
      await handlers.revoke({ keyId: first.key.keyId }, admin);
      const after = await refusal(make());
      const { entries } = await handlers.list({}, admin);
      await stop();
      expect([full, after, entries.length, entries.some(({ keyId }) => keyId === first.key.keyId)]).to.deep.equal([
        'limit_exceeded',
        'none',
        3,
        false,
      ]);
    }));
});

describe('key.list', () => {
  it('pages through every key, with when it was last used, also after a restart [ACCESS-25]', () =>
    World.in(async (world) => {
      const first = await world.start();
      const { secret } = await first.handlers.create({ name: 'echo', roles: ['agent'] }, admin);
      await first.handlers.create({ name: 'other', roles: ['agent'] }, admin);
      world.time.ms += 5000;
      for (let i = 0; i < 100; i++) await first.who(secret);
      const before = world.store.revision;
      first.tick(60_000);
      await first.stop();
      const commits = world.store.revision - before;
      const { handlers, stop } = await world.start();
      const page = await handlers.list({ limit: 2 }, admin);
      const rest = await handlers.list({ limit: 2, cursor: page.cursor ?? '' }, admin);
      await stop();
      const used = [...page.entries, ...rest.entries].map(({ name, lastUsedAt }) => [name, lastUsedAt]);
      expect([commits, rest.cursor, Object.fromEntries(used) as unknown]).to.deep.equal([
        1,
        undefined,
        { echo: '2026-01-01T00:00:05.000Z', other: undefined, 'first admin key': undefined },
      ]);
    }));

  it('refuses a cursor that is none', () =>
    World.in(async (world) => {
      const { handlers, stop } = await world.start();
      const cursor = Buffer.from('agent/').toString('base64url');
      const seen = await refusal(handlers.list({ cursor }, admin));
      await stop();
      expect(seen).to.equal('invalid_params');
    }));
});

describe('key.rotate', () => {
  it('ends the old secret at once, or after the overlap, together with its sessions [ACCESS-26]', () =>
    World.in(async (world) => {
      const { handlers, who, tick, stop } = await world.start();
      const { key, secret } = await handlers.create({ name: 'echo', roles: ['agent'] }, admin);
      const second = await handlers.rotate({ keyId: key.keyId }, admin);
      const third = await handlers.rotate({ keyId: key.keyId, overlapMs: 10_000 }, admin);
      const works = async () =>
        Promise.all([secret, second.secret, third.secret].map(async (one) => (await who(one)) !== undefined));
      const during = await works();
      const revokedDuring = [...world.revoked];
      world.time.ms += 10_000;
      tick(1_000);
      const after = await works();
      await stop();
      expect([during, revokedDuring, after, world.revoked, world.expired]).to.deep.equal([
        [false, true, true],
        [`${key.keyId}.1`],
        [false, false, true],
        [`${key.keyId}.1`],
        [`${key.keyId}.2`],
      ]);
    }));
});

describe('key.revoke', () => {
  it('ends every secret of the key, its sessions too, also across a restart; twice is harmless [ACCESS-26]', () =>
    World.in(async (world) => {
      const first = await world.start();
      const { key, secret } = await first.handlers.create({ name: 'echo', roles: ['agent'] }, admin);
      const { secret: other } = await first.handlers.rotate({ keyId: key.keyId, overlapMs: 10_000 }, admin);
      const before = world.store.events.length;
      const answers = [
        await first.handlers.revoke({ keyId: key.keyId }, admin),
        await first.handlers.revoke({ keyId: key.keyId }, admin),
      ];
      await first.stop();
      const { who, handlers, stop } = await world.start();
      const principals = [await who(secret), await who(other)];
      const seen = [
        await refusal(handlers.rotate({ keyId: key.keyId }, admin)),
        await refusal(handlers.revoke({ keyId: 'none' }, admin)),
      ];
      await stop();
      expect([answers, world.store.events.length - before, world.revoked, principals, seen]).to.deep.equal([
        [{ done: true }, { done: true }],
        1,
        [`${key.keyId}.1`, `${key.keyId}.2`],
        [undefined, undefined],
        ['not_found', 'not_found'],
      ]);
    }));

  it('happens by itself when a key expires, and again after the clock was set back [ACCESS-26]', () =>
    World.in(async (world) => {
      const { handlers, who, tick, stop } = await world.start();
      const { key, secret } = await handlers.create({ name: 'echo', roles: ['agent'], expiresInMs: 5000 }, admin);
      const works: boolean[] = [];
      for (const ms of [0, 5000, -1000, 1000]) {
        world.time.ms += ms;
        works.push((await who(secret)) !== undefined);
        tick(1_000);
        tick(1_000);
      }
      await stop();
      const credential = `${key.keyId}.1`;
      expect([works, world.expired, world.revoked]).to.deep.equal([
        [true, false, true, false],
        [credential, credential],
        [],
      ]);
    }));
});

describe('issued keys', () => {
  it('log in a program until they are revoked, are bounded and recorded, and never reach the disk [ACCESS-27]', () =>
    World.in(async (world) => {
      const { services, who, stop } = await world.start({ maxIssuedKeys: 1 });
      const before = [...world.store.entries.keys()];
      const recorded = world.store.events.length;
      const holder = { id: 'program:echo', kind: 'agent', roles: ['agent'] } as const;
      const issued = await services.keyIssuer.issue(holder);
      const second = await refusal(services.keyIssuer.issue(holder));
      const principal = await who(issued.secret);
      await issued.revoke();
      await issued.revoke();
      const after = await who(issued.secret);
      const next = await services.keyIssuer.issue(holder);
      await next.revoke();
      await stop();
      const records = world.store.events.slice(recorded);
      expect([principal, second, after, world.revoked[0], [...world.store.entries.keys()]]).to.deep.equal([
        { ...holder, credentialId: issued.credentialId },
        'limit_exceeded',
        undefined,
        issued.credentialId,
        before,
      ]);
      const key = { keyId: issued.credentialId };
      const by = { resource: `key/${issued.credentialId}`, principal: 'daemon' };
      expect(records.slice(0, 2)).to.deep.equal([
        { ...by, action: 'key.created', details: { ...key, principal: holder.id, roles: holder.roles } },
        { ...by, action: 'key.revoked', details: key },
      ]);
    }));
});
