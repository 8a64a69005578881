import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import { LateAuthorizations } from '../../src/oauth/late-authorizations.js';
import { answerCallback } from '../../src/oauth/pages.js';
import { HeldAnswers } from './authorization-server.js';
import { outcome, World, type WorldOptions } from './world.js';

/** A world in which the server is authorized at. */
async function authorizedWorld(options: WorldOptions, run: (world: World) => Promise<void>): Promise<void> {
  await World.in(options, async (world) => {
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

/** Of a withdrawal. */
const record = (issuer: string, caller?: string) => ({
  action: 'mcp.deauthorized',
  resource: 'mcp/files',
  principal: 'admin',
  details: { issuer, ...(caller !== undefined && { caller }) },
});

/** What the journal has. */
async function records(world: World) {
  const { entries } = await world.store.range({ from: 'journal/', to: 'journal0' });
  return entries.map(({ value }) => (value as { details?: unknown }).details);
}

describe('credentials of servers', () => {
  it('outlive the daemon, and are sent to the URL only that they are for [MCP-115]', async () => {
    await authorizedWorld({}, async (world) => {
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
    await authorizedWorld({}, async (world) => {
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
    await authorizedWorld({}, async (world) => {
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
    await authorizedWorld({}, async (world) => {
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
      await server.close();
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
        await server.close();
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
      await server.close();
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

  it('are revoked as the revocation endpoint takes clients, else as the token endpoint does [MCP-191]', async () => {
    const settings = (issuer: string) => ({ issuer, clientId: 'known', clientSecret: 'env:SECRET' });
    const shownBy = (metadata: Readonly<Record<string, unknown>>) =>
      World.in({ settings, server: { metadata } }, async (world) => {
        const { authorizations, server } = world.start();
        const { url } = await authorizations.startAuthorization('files');
        await world.sayYes(authorizations, url);
        await server.close();
        await authorizations.erase('files', settings(world.authorizationServer.issuer));
        const revocation = world.authorizationServer.asked.find(({ path }) => path === '/revoke');
        return [
          revocation?.authorization?.slice(0, 6) ?? 'no header',
          revocation?.parameters.client_secret ?? 'not in the form',
        ];
      });
    const [basic, post] = [
      ['Basic ', 'not in the form'],
      ['no header', 'secret of env:SECRET'],
    ];
    const token = (...methods: string[]) => ({ token_endpoint_auth_methods_supported: methods });
    const revocation = (...methods: string[]) => ({ revocation_endpoint_auth_methods_supported: methods });
    expect([
      await shownBy({ ...token('client_secret_basic'), ...revocation('client_secret_post') }),
      await shownBy({ ...token('client_secret_post'), ...revocation('client_secret_basic') }),
      await shownBy(token('client_secret_post')),
      await shownBy(token('client_secret_basic')),
    ]).to.deep.equal([post, basic, post, basic]);
  });

  it('are revoked for so many servers at once, those of others in their turn [MCP-192]', async () => {
    await World.in(
      { server: { revocation: 'silent' }, oauth: { revocations: 1, revocationMs: 60_000 } },
      async (world) => {
        const { authorizations, server } = world.start();
        const { url } = await authorizations.startAuthorization('files');
        await world.sayYes(authorizations, url);
        await server.close();
        // Sealed for their place: those of another server have to be given there.
        const other = world.start({ id: 'other' });
        const { url: atOther } = await other.authorizations.startAuthorization('other');
        await world.sayYes(other.authorizations, atOther);
        const revocations = () => world.authorizationServer.asked.filter(({ path }) => path === '/revoke').length;
        const erased = ['files', 'other'].map((name) => authorizations.erase(name));
        while (revocations() === 0) await nextTurn();
        await setTimeout(100);
        const atOnce = revocations();
        world.stopping.abort();
        await Promise.all(erased);
        expect([atOnce, world.revoked.length, await kept(world)]).to.deep.equal([1, 2, []]);
      },
    );
  });

  it('that a person gave are withdrawn: not sent any more, erased, revoked, and not brought back by what was begun before [MCP-193]', async () => {
    await World.in({ perCaller: true }, async (world) => {
      const { authorizations, server } = world.start();
      for (const caller of ['ana', 'ben']) {
        const { url } = await authorizations.startAuthorization('files', caller);
        await world.sayYes(authorizations, url);
      }
      const { url: begun } = await authorizations.startAuthorization('files', 'ana');
      const ana = server.of('ana');
      const [told, changes] = [await world.request(ana), [] as string[]];
      ana.onChanged((change) => void changes.push(change));
      const withdraw = (caller: string) => authorizations.withdraw('files', caller, record);
      const answer = await withdraw('ana');
      const { issuer } = world.authorizationServer;
      expect({
        requests: [told, await world.request(ana), await world.request(server.of('ben'))],
        late: await world.sayYes(authorizations, begun),
        again: await outcome(withdraw('ana')),
        status: await authorizations.status('files', 'ana'),
        afterRestart: await world.request(world.start().server.of('ana')),
        answer,
        changes,
        records: await records(world),
        revoked: world.revoked,
        good: world.authorizationServer.tokens.size,
      }).to.deep.equal({
        requests: ['200', '401 needs-authorization', '200'],
        late: 'permission_denied',
        again: 'conflict',
        status: { state: 'needs-authorization', problem: 'the authorization was withdrawn' },
        afterRestart: '401 needs-authorization',
        answer: { issuer, revoked: true },
        changes: ['withdrawn'],
        records: [{ issuer, caller: 'ana' }],
        revoked: [{ server: 'files', revoked: 1, unrevoked: 0 }],
        good: 1,
      });
    });
  });

  it('are withdrawn though they cannot be revoked, with why; those that no person gave are not [MCP-193]', async () => {
    const withdrawn = await World.in({ server: { revocation: 'none' } }, async (world) => {
      const { authorizations, server } = world.start();
      const { url } = await authorizations.startAuthorization('files');
      await world.sayYes(authorizations, url);
      const answer = await authorizations.withdraw('files', undefined, record);
      const { issuer } = world.authorizationServer;
      return [
        answer.revoked,
        answer.reason?.replace(issuer, 'ISSUER'),
        await world.request(server.of(undefined)),
        (await kept(world)).length,
      ];
    });
    const settings = (issuer: string) => ({
      grant: 'client_credentials' as const,
      issuer,
      clientId: 'machine',
      clientSecret: 'env:SECRET',
    });
    const own = await World.in({ settings }, async (world) => {
      const { authorizations, server } = world.start();
      const before = await world.request(server.of(undefined));
      return [before, await outcome(authorizations.withdraw('files', undefined, record)), world.revoked.length];
    });
    // What is kept is the registration of the daemon as a client.
    expect([withdrawn, own]).to.deep.equal([
      [false, 'ISSUER has no revocation endpoint', '401 needs-authorization', 1],
      ['200', 'conflict', 0],
    ]);
  });

  it('are not brought back by a yes that is under way while they are withdrawn: what it grants is revoked [MCP-193]', async () => {
    let atTokenEndpoint: (() => void) | undefined;
    const refuses = () => {
      atTokenEndpoint?.();
      return undefined;
    };
    await World.in({ server: { refuses } }, async (world) => {
      const { authorizations, server } = world.start();
      await world.sayYes(authorizations, (await authorizations.startAuthorization('files')).url);
      const { url } = await authorizations.startAuthorization('files');
      const withdrawn = new Promise<unknown>((resolve) => {
        atTokenEndpoint = () => resolve(outcome(authorizations.withdraw('files', undefined, record)));
      });
      expect({
        yes: await world.sayYes(authorizations, url),
        withdrawn: await withdrawn,
        request: await world.request(server.of(undefined)),
        afterRestart: await world.request(world.start().server.of(undefined)),
        good: world.authorizationServer.tokens.size,
        revoked: world.revoked,
      }).to.deep.equal({
        yes: 'permission_denied',
        withdrawn: { issuer: world.authorizationServer.issuer, revoked: true },
        request: '401 needs-authorization',
        afterRestart: '401 needs-authorization',
        good: 0,
        revoked: Array.from({ length: 2 }, () => ({ server: 'files', revoked: 1, unrevoked: 0 })),
      });
    });
  });

  describe('of a server that goes while a person says yes', () => {
    const gone = [
      400,
      'Permission denied: server files was removed or changed meanwhile, and nothing of this authorization is kept; add the server again if it is gone, then begin again',
    ];
    /** @param goes told when the person is sent back, when the token is asked for, and when it is written */
    const came = async (goes: (at: 'callback' | 'token' | 'vault', started: ReturnType<World['start']>) => void) => {
      let asked = (): void => undefined;
      const refuses = () => {
        asked();
        return undefined;
      };
      return World.in({ server: { refuses } }, async (world) => {
        const started = world.start();
        const { url } = await started.authorizations.startAuthorization('files');
        const back = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
        asked = () => goes('token', started);
        const commit = world.store.commit.bind(world.store);
        world.store.commit = (what) => {
          if (what.puts !== undefined) goes('vault', started);
          return commit(what);
        };
        goes('callback', started);
        const page = await answerCallback(started.authorizations, new Request(back));
        return {
          said: [page.status, /<p>(.*)<.p>/.exec(await page.text())?.[1]],
          granted: world.authorizationServer.parametersOf('/token').length,
          good: world.authorizationServer.tokens.size,
          // The registration of the daemon as a client, which goes with all else that is kept of a server.
          kept: (await kept(world)).length,
          authorized: world.authorized,
          revoked: world.revoked,
        };
      });
    };

    it('are not asked for when it went before; the person is told so, and what to do [MCP-197]', async () => {
      expect(await came((at, { server }) => at === 'callback' && void server.close())).to.deep.equal({
        ...{ said: gone, granted: 0, good: 0, kept: 1, authorized: [], revoked: [] },
      });
    });

    it('are revoked when it goes while they are granted; the person is told so, and what to do [MCP-197]', async () => {
      expect(await came((at, { server }) => at === 'token' && void server.close())).to.deep.equal({
        ...{ said: gone, granted: 1, good: 0, kept: 1, authorized: [] },
        revoked: [{ server: 'files', revoked: 1, unrevoked: 0 }],
      });
    });

    it('are erased and revoked when it goes while they are written; the person is told so, and what to do [MCP-197]', async () => {
      expect(await came((at, { server }) => at === 'vault' && void server.close())).to.deep.equal({
        ...{ said: gone, granted: 1, good: 0, kept: 1, authorized: [] },
        revoked: [{ server: 'files', revoked: 1, unrevoked: 0 }],
      });
    });

    it('are not had when the way to it is closed as well; the person is told so, and what to do [MCP-197]', async () => {
      const got = await came((at, { server, door }) => {
        if (at === 'callback') return;
        void server.close();
        void door.close();
      });
      expect(got).to.deep.include({ said: gone, granted: 1, kept: 1, authorized: [], revoked: [] });
    });
  });

  it('are not brought back by what is being begun while they are withdrawn [MCP-193]', async () => {
    await authorizedWorld({}, async (world) => {
      // Of a daemon that has to find out first where people are sent.
      const { authorizations } = world.start();
      const begun = outcome(authorizations.startAuthorization('files'));
      const withdrawn = await authorizations.withdraw('files', undefined, record);
      expect([withdrawn.revoked, await begun]).to.deep.equal([true, 'conflict']);
    });
  });

  it('are not brought back by a renewal that is asked for while they are erased [MCP-193]', async () => {
    await authorizedWorld({}, async (world) => {
      const { authorizations, server } = world.start();
      const authorization = server.of(undefined);
      await authorization.headers();
      world.time.ms += 7_200_000;
      const commit = world.store.commit.bind(world.store);
      let asked: unknown;
      world.store.commit = async (...batch) => {
        world.store.commit = commit;
        asked = authorization.headers();
        await setTimeout(100);
        return commit(...batch);
      };
      const { revoked } = await authorizations.withdraw('files', undefined, record);
      const afterRestart = await world.start().server.of(undefined).headers();
      expect([revoked, await asked, afterRestart]).to.deep.equal([true, {}, {}]);
    });
  });

  it('are erased with their server though a renewal writes them when it goes [MCP-199]', async () => {
    await authorizedWorld({}, async (world) => {
      const { authorizations, server } = world.start();
      const authorization = server.of(undefined);
      const before = await authorization.headers();
      world.time.ms += 7_200_000;
      const commit = world.store.commit.bind(world.store);
      let goes: Promise<void> | undefined;
      world.store.commit = async (...batch) => {
        world.store.commit = commit;
        goes = server.close().then(() => authorizations.erase('files'));
        await setTimeout(100);
        return commit(...batch);
      };
      await authorization.headers();
      await goes;
      const good = [...world.authorizationServer.tokens.keys()].map((token) => ({ authorization: `Bearer ${token}` }));
      const afterRestart = await world.start().server.of(undefined).headers();
      // The one before is over and not known any more.
      expect([good, afterRestart]).to.deep.equal([[before], {}]);
    });
  });

  describe('of a server that goes while an authorization server answers', () => {
    /** A renewal that is under way, and not answered yet. */
    async function renewing(world: World, held: HeldAnswers) {
      const { server, door } = world.start();
      const authorization = server.of(undefined);
      await authorization.headers();
      world.time.ms += 7_200_000;
      held.hold();
      const renewed = authorization.headers();
      await held.asked;
      return { renewed, server, door };
    }

    it('are kept when they were renewed meanwhile, as those before are good no more [MCP-200]', async () => {
      const held = new HeldAnswers('/token');
      await authorizedWorld({ server: { answers: held.answers } }, async (world) => {
        const { renewed, server, door } = await renewing(world, held);
        const gone = server.close().finally(() => door.close());
        held.answer();
        await gone;
        expect([await renewed, await world.request(world.start().server.of(undefined))]).to.deep.equal([{}, '200']);
      });
    });

    it('are waited for within oauth.closeMs, and not kept when they come after [MCP-200]', async () => {
      const held = new HeldAnswers('/token');
      await authorizedWorld({ server: { answers: held.answers }, oauth: { closeMs: 50 } }, async (world) => {
        const before = await kept(world);
        const { renewed, server } = await renewing(world, held);
        await server.close();
        held.answer();
        expect([await renewed, await kept(world)]).to.deep.equal([{}, before]);
      });
    });

    it('do not come with a registration of the daemon that is answered after it [MCP-200]', async () => {
      const held = new HeldAnswers('/register');
      held.hold();
      await World.in({ server: { answers: held.answers } }, async (world) => {
        const { authorizations, server } = world.start();
        const started = outcome(authorizations.startAuthorization('files'));
        await held.asked;
        await server.close();
        await authorizations.erase('files');
        held.answer();
        expect([await started, await kept(world)]).to.deep.equal(['permission_denied', []]);
      });
    });

    it('do not come with a registration of the daemon that is written when it goes [MCP-200]', async () => {
      await World.in({}, async (world) => {
        const { authorizations, server } = world.start();
        const commit = world.store.commit.bind(world.store);
        let goes: Promise<void> | undefined;
        world.store.commit = async (...batch) => {
          world.store.commit = commit;
          goes = server.close().then(() => authorizations.erase('files'));
          await setTimeout(100);
          return commit(...batch);
        };
        await outcome(authorizations.startAuthorization('files'));
        await goes;
        expect(await kept(world)).to.deep.equal([]);
      });
    });
  });

  it('go on when they cannot be erased, of which nothing is told, and are withdrawn by the next try [MCP-193]', async () => {
    await authorizedWorld({}, async (world) => {
      const { authorizations, server } = world.start();
      const changes: string[] = [];
      server.of(undefined).onChanged((change) => void changes.push(change));
      const commit = world.store.commit.bind(world.store);
      world.store.commit = () => {
        world.store.commit = commit;
        return Promise.reject(new OrchestratorError('storage_full', 'the disk is full'));
      };
      const withdraw = () => outcome(authorizations.withdraw('files', undefined, record));
      const first = [await withdraw(), await world.request(server.of(undefined)), [...changes], await records(world)];
      const { issuer } = world.authorizationServer;
      const second = [await withdraw(), await world.request(world.start().server.of(undefined)), changes];
      expect([first, [...second, await records(world)]]).to.deep.equal([
        ['storage_full', '200', [], []],
        [{ issuer, revoked: true }, '401 needs-authorization', ['withdrawn'], [{ issuer }]],
      ]);
    });
  });

  it('are erased by the commit that records who withdrew them, the only one there is [MCP-193]', async () => {
    await authorizedWorld({}, async (world) => {
      const { authorizations } = world.start();
      const commit = world.store.commit.bind(world.store);
      const commits: Parameters<typeof commit>[0][] = [];
      world.store.commit = (...batch) => {
        commits.push(batch[0]);
        // As of a journal that takes nothing more from now on.
        return commits.length === 1 ? commit(...batch) : Promise.reject(new OrchestratorError('storage_full'));
      };
      const { revoked } = await authorizations.withdraw('files', undefined, record);
      expect([revoked, commits.map(({ deletes, events }) => [deletes?.length, events])]).to.deep.equal([
        true,
        [[1, [record(world.authorizationServer.issuer)]]],
      ]);
    });
  });

  it('are withdrawn by one of two who do so at once; the other is told that there is nothing more to withdraw [MCP-193]', async () => {
    await World.in({ server: { revocation: 'none' } }, async (world) => {
      const { authorizations } = world.start();
      const { url } = await authorizations.startAuthorization('files');
      await world.sayYes(authorizations, url);
      const withdraw = async () => {
        const withdrawn = await outcome(authorizations.withdraw('files', undefined, record));
        return typeof withdrawn === 'string' ? withdrawn : withdrawn.revoked;
      };
      expect([
        await Promise.all([withdraw(), withdraw()]),
        (await records(world)).length,
        world.revoked.length,
      ]).to.deep.equal([[false, 'conflict'], 1, 1]);
    });
  });

  it('are withdrawn of those who have some; who has none takes no place of a caller [MCP-193]', async () => {
    await World.in({ perCaller: true, oauth: { callers: 1 } }, async (world) => {
      const before = world.start();
      const { url } = await before.authorizations.startAuthorization('files', 'ana');
      await world.sayYes(before.authorizations, url);
      // Of a daemon that has not met her yet.
      const { authorizations } = world.start();
      const withdraw = (caller: string) => outcome(authorizations.withdraw('files', caller, record));
      expect([await withdraw('anna'), await withdraw('ann'), await withdraw('ana')]).to.deep.equal([
        'conflict',
        'conflict',
        { issuer: world.authorizationServer.issuer, revoked: true },
      ]);
    });
  });

  it('of servers that are not there any more are erased at the next start [MCP-128]', async () => {
    await authorizedWorld({}, async (world) => {
      const { authorizations } = world.start();
      const before = (await kept(world)).map(({ key }) => key);
      const others = ['file', 'files-2', 'filesystem', 'old'].flatMap((name) => [`${name}/a/x`, `${name}/b/y`]);
      await world.store.commit({ puts: others.map((place) => ({ key: `mcp-credential/${place}`, value: 1 })) });
      const late = new LateAuthorizations(() => Promise.resolve(authorizations));
      const gone = await late.gone(new Set(['files', 'filesystem']), world.store);
      await Promise.all(gone.map((server) => authorizations.erase(server)));
      expect((await kept(world)).map(({ key }) => key)).to.deep.equal([
        ...before,
        'mcp-credential/filesystem/a/x',
        'mcp-credential/filesystem/b/y',
      ]);
    });
  });
});
