import { expect } from 'chai';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { LateAuthorizations } from '../../src/oauth/late-authorizations.js';
import { World } from './world.js';

/** A world in which the server is authorized at. */
async function authorizedWorld(run: (world: World) => Promise<void>): Promise<void> {
  await World.in({}, async (world) => {
    const { authorizations, server } = world.start();
    const { url } = await authorizations.startAuthorization('files');
    await world.sayYes(authorizations, url);
    await world.request(server.of(undefined));
    await run(world);
  });
}

async function kept(world: World) {
  return (await world.store.range({ from: 'mcp-credential/', to: 'mcp-credential0' })).entries;
}

describe('credentials of servers', () => {
  it('outlive the daemon, and are sent to the URL only that they are for [MCP-115]', async () => {
    await authorizedWorld(async (world) => {
      const again = world.start();
      const moved = world.start({ url: new URL(`${world.mcp.url}/moved`) });
      expect([
        await world.request(again.server.of(undefined)),
        await moved.server.of(undefined).headers(),
        (await moved.authorizations.status('files')).state,
      ]).to.deep.equal(['200', {}, 'none']);
    });
  });

  it('are sealed in the store with a key that only the daemon’s user reads, and are in no log and no status [MCP-116]', async () => {
    await authorizedWorld(async (world) => {
      const { authorizations } = world.start();
      const entries = await kept(world);
      const secrets = [
        ...world.authorizationServer.tokens.keys(),
        ...world.mcp.seen.map((one) => one.slice(7)),
        'at-',
        'rt-',
        'registered-',
      ];
      const open = JSON.stringify([entries, await authorizations.status('files'), world.lines]);
      const file = await stat(join(world.directory, 'mcp-credentials.key'));
      expect({
        places: entries.map(({ key }) => key.split('/').slice(0, 3).join('/')),
        shown: secrets.filter((secret) => secret !== '' && open.includes(secret)),
        mode: file.mode & 0o777,
        files: await readdir(world.directory),
      }).to.deep.equal({
        places: ['mcp-credential/files/shared', 'mcp-credential/files/shared'],
        shown: [],
        mode: 0o600,
        files: ['mcp-credentials.key'],
      });
    });
  });

  it('are not opened in another’s place, nor without the key [MCP-116]', async () => {
    await authorizedWorld(async (world) => {
      for (const { key, value } of await kept(world)) {
        await world.store.commit({ puts: [{ key: key.replace('/files/', '/other/'), value }] });
      }
      const { server } = world.start({ id: 'other' });
      const elsewhere = await world.request(server.of(undefined));
      await rm(join(world.directory, 'mcp-credentials.key'));
      const keyless = await world.request(world.start().server.of(undefined));
      expect([elsewhere, keyless]).to.deep.equal(['401 needs-authorization', '401 needs-authorization']);
    });
  });

  it('are erased with their server, those of other servers are not [MCP-117]', async () => {
    await authorizedWorld(async (world) => {
      const { authorizations } = world.start();
      await world.store.commit({ puts: [{ key: 'mcp-credential/files-2/shared/x', value: 1 }] });
      await authorizations.erase('files');
      expect((await kept(world)).map(({ key }) => key)).to.deep.equal(['mcp-credential/files-2/shared/x']);
    });
  });

  it('are revoked before they are erased, of every caller, the refresh tokens first [MCP-188]', async () => {
    const settings = (issuer: string) => ({ issuer, clientId: 'known', clientSecret: 'env:SECRET' });
    await World.in({ perCaller: true, settings }, async (world) => {
      const { authorizations, server } = world.start();
      for (const caller of ['ana', 'ben']) {
        const { url } = await authorizations.startAuthorization('files', caller);
        await world.sayYes(authorizations, url);
      }
      const good = world.authorizationServer.tokens.size;
      server.close();
      await authorizations.erase('files', settings(world.authorizationServer.issuer));
      const asked = world.authorizationServer.asked.filter(({ path }) => path === '/revoke');
      const hints = asked.map(
        ({ parameters: { token = '', token_type_hint: hint } }) => `${hint} ${token.slice(0, 2)}`,
      );
      expect({
        good: [good, world.authorizationServer.tokens.size],
        kept: await kept(world),
        revoked: world.revoked,
        hints: hints.toSorted(),
        refreshFirst: hints.every(
          (_, i) => hints.slice(0, i + 1).filter((hint) => hint.startsWith('r')).length > i / 2,
        ),
        clients: new Set(
          asked.map(({ authorization = '' }) => Buffer.from(authorization.slice(6), 'base64').toString()),
        ),
      }).to.deep.equal({
        good: [2, 0],
        kept: [],
        revoked: [{ server: 'files', revoked: 2, unrevoked: 0 }],
        hints: ['access_token at', 'access_token at', 'refresh_token rt', 'refresh_token rt'],
        refreshFirst: true,
        clients: new Set(['known:secret%20of%20env%3ASECRET']),
      });
    });
  });

  it('are erased though they cannot be revoked, in a bounded time, with why [MCP-188]', async () => {
    const erased = (revocation: 'none' | 'refused' | 'silent') =>
      World.in({ server: { revocation }, oauth: { revocationMs: 500 } }, async (world) => {
        const { authorizations, server } = world.start();
        const { url } = await authorizations.startAuthorization('files');
        await world.sayYes(authorizations, url);
        server.close();
        await authorizations.erase('files');
        const [{ reason, ...told }] = world.revoked as [{ reason: string }];
        const shown = reason.replace(world.authorizationServer.issuer, 'ISSUER');
        return [shown, told, (await kept(world)).length, /at-|rt-/.test(JSON.stringify([world.revoked, world.lines]))];
      });
    const told = { server: 'files', revoked: 0, unrevoked: 1 };
    expect([await erased('none'), await erased('refused'), await erased('silent')]).to.deep.equal([
      ['ISSUER has no revocation endpoint', told, 0, false],
      ['ISSUER answered 503 to a revocation: temporarily_unavailable', told, 0, false],
      ['it took more than 500 ms (oauth.revocationMs)', told, 0, false],
    ]);
  });

  it('are revoked for as long as the daemon stays, which does not wait for it when it stops [MCP-188]', async () => {
    await World.in({ server: { revocation: 'silent' }, oauth: { revocationMs: 60_000 } }, async (world) => {
      const { authorizations, server } = world.start();
      const { url } = await authorizations.startAuthorization('files');
      await world.sayYes(authorizations, url);
      server.close();
      const erased = authorizations.erase('files');
      while (!world.authorizationServer.asked.some(({ path }) => path === '/revoke')) await nextTurn();
      world.stopping.abort();
      await erased;
      expect([world.revoked, await kept(world)]).to.deep.equal([
        [{ server: 'files', revoked: 0, unrevoked: 1, reason: 'the daemon went away' }],
        [],
      ]);
    });
  });

  it('of servers that are not there any more are erased at the next start [MCP-128]', async () => {
    await authorizedWorld(async (world) => {
      const { authorizations } = world.start();
      const before = (await kept(world)).map(({ key }) => key);
      const others = ['file', 'files-2', 'filesystem', 'old'].flatMap((name) => [`${name}/a/x`, `${name}/b/y`]);
      await world.store.commit({ puts: others.map((place) => ({ key: `mcp-credential/${place}`, value: 1 })) });
      const late = new LateAuthorizations(() => Promise.resolve(authorizations));
      await late.eraseAllBut(new Set(['files', 'filesystem']), world.store);
      expect((await kept(world)).map(({ key }) => key)).to.deep.equal([
        ...before,
        'mcp-credential/filesystem/a/x',
        'mcp-credential/filesystem/b/y',
      ]);
    });
  });
});
