import { expect } from 'chai';
import { chmod, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { resetAdminKey } from '@ai-orchestrator/plugin-auth-apikey';
import type { Store } from '@ai-orchestrator/core/plugin';
import { World } from './world.js';

const ADMIN = { id: 'admin', kind: 'user', roles: ['admin'], credentialId: 'admin.1' };

describe('admin key', () => {
  it('is made at the first start, for its owner only, and works after every later one [ACCESS-18]', () =>
    World.in(async (world) => {
      await (await world.start()).stop();
      const secret = await world.adminKey();
      const again = await world.start();
      const who = await again.who(secret);
      await again.stop();
      expect(secret).to.match(/^orc_[A-Za-z0-9_-]{43}$/);
      expect([who, (await stat(world.file)).mode & 0o777, await readdir(world.directory)]).to.deep.equal([
        ADMIN,
        0o600,
        ['admin.key'],
      ]);
      expect(world.store.events.map(({ action, resource }) => [action, resource])).to.deep.equal([
        ['key.created', 'key/admin'],
      ]);
    }));

  for (const cut of ['before', 'after'] as const) {
    it(`is there and works when the power went just ${cut} its commit was durable [ACCESS-19]`, () =>
      World.in(async (world) => {
        world.store.cut = cut;
        await world.start().catch(() => undefined);
        world.store.cut = undefined;
        const again = await world.start();
        const who = await again.who(await world.adminKey());
        await again.stop();
        expect([who, await readdir(world.directory)]).to.deep.equal([ADMIN, ['admin.key']]);
      }));

    it(`stays one that works when the power went just ${cut} its rotation was durable [ACCESS-19]`, () =>
      World.in(async (world) => {
        const first = await world.start();
        const old = await world.adminKey();
        world.store.cut = cut;
        const call = { principal: ADMIN } as never;
        await first.handlers.rotate({ keyId: 'admin' }, call).then(
          () => expect.fail('should have been cut'),
          () => undefined,
        );
        world.store.cut = undefined;
        const again = await world.start();
        const kept = await world.adminKey();
        const who = await again.who(kept);
        await again.stop();
        expect([who?.id, kept === old, await readdir(world.directory)]).to.deep.equal([
          'admin',
          cut === 'before',
          ['admin.key'],
        ]);
      }));
  }

  it('is taken from the file where one was put before the first start', () =>
    World.in(async (world) => {
      const secret = `orc_${world.random.bytes(32).toString('base64url')}`;
      await writeFile(world.file, `${secret}\n`, { mode: 0o600 });
      const { who, stop } = await world.start();
      const principal = await who(secret);
      await stop();
      expect(principal?.id).to.equal('admin');
    }));

  it('is refused when it is empty, well known or too short, with what to do [ACCESS-20]', () =>
    World.in(async (world) => {
      const refusals: string[] = [];
      for (const secret of [
        '',
        'admin',
        'orc_changeme',
        `orc_${'a'.repeat(43)}`,
        `orc_${'0123456789'.repeat(5).slice(0, 43)}`,
      ]) {
        await writeFile(world.file, secret);
        await world.start().catch((error: unknown) => refusals.push(String(error)));
      }
      expect(refusals.map((text) => /holds no key: (.*)\. Remove it; the next start/.exec(text)?.[1])).to.deep.equal([
        'it is empty',
        ...Array<string>(2).fill('it is not "orc_" followed by 43 characters of base64url'),
        ...Array<string>(2).fill('it is not random'),
      ]);
    }));

  it('is taken away from others who could read it, and that is said', () =>
    World.in(async (world) => {
      await (await world.start()).stop();
      await chmod(world.file, 0o644);
      await (await world.start()).stop();
      expect((await stat(world.file)).mode & 0o777).to.equal(0o600);
      expect(world.lines.join('\n')).to.contain('others could read the admin key');
    }));

  it('can be replaced with the daemon stopped when its file is lost or it was revoked [ACCESS-21]', () =>
    World.in(async (world) => {
      const first = await world.start();
      const lost = await world.adminKey();
      await first.handlers.revoke({ keyId: 'admin' }, { principal: ADMIN } as never);
      await first.stop();
      await rm(world.file);
      await (await world.start()).stop();
      const { directory: dataDirectory, clock, random } = world;
      const { path } = await resetAdminKey({ store: world.store as unknown as Store, dataDirectory, clock, random });
      const again = await world.start();
      const principals = [await again.who(lost), await again.who(await world.adminKey())];
      await again.stop();
      expect([path, principals]).to.deep.equal([world.file, [undefined, { ...ADMIN, credentialId: 'admin.2' }]]);
      expect(world.lines.join('\n')).to.contain(
        'file is missing: stop the daemon and run "orchestrator keys reset-admin"',
      );
    }));
});
