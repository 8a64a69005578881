import { expect } from 'chai';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { AuthorizationServer, type ServerOptions } from './authorization-server.js';
import { answerCallback } from '../../src/oauth/pages.js';
import { outcome, World, type WorldOptions } from './world.js';

/** Authorizes by a person, from the first refusal on; answers what became of each step. */
async function authorized(world: World) {
  const { authorizations, server } = world.start();
  const authorization = server.of(undefined);
  const before = await world.request(authorization);
  const started = await authorizations.startAuthorization('files');
  const yes = await world.sayYes(authorizations, started.url);
  return {
    authorizations,
    server,
    authorization,
    url: new URL(started.url),
    steps: [before, yes, await world.request(authorization)],
  };
}

interface KeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const AUTHORIZED = ['401 needs-authorization', 'files', '200'];
const started = (options: WorldOptions) =>
  World.in(options, async (world) => {
    const { authorizations, server } = world.start();
    await world.request(server.of(undefined));
    return outcome(authorizations.startAuthorization('files').then(() => 'started'));
  });

describe('authorization at a server', () => {
  it('asks a person with PKCE and for this server only, and sends the token it is given [MCP-106]', async () => {
    await World.in({ protection: { scope: 'files:read' } }, async (world) => {
      const { url, steps: got } = await authorized(world);
      const {
        authorizationServer: { issuer, origin },
        mcp,
      } = world;
      const asked = Object.fromEntries(url.searchParams);
      const [token = {}] = world.authorizationServer.parametersOf('/token');
      expect(got).to.deep.equal(AUTHORIZED);
      expect({
        at: url.origin + url.pathname,
        issuer,
        ...asked,
        client_id: asked.client_id?.slice(0, 11),
        state: asked.state?.length,
        code_challenge: asked.code_challenge?.length,
      }).to.deep.equal({
        at: `${origin}/authorize`,
        issuer: origin,
        response_type: 'code',
        client_id: 'registered-',
        redirect_uri: 'http://127.0.0.1:7420/mcp/oauth/callback',
        state: 43,
        code_challenge: 43,
        code_challenge_method: 'S256',
        resource: mcp.mcp,
        scope: 'files:read offline_access',
      });
      expect([token.grant_type, token.resource, token.code_verifier?.length]).to.deep.equal([
        'authorization_code',
        mcp.mcp,
        43,
      ]);
      expect(mcp.seen.map((one) => one.slice(0, 10))).to.deep.equal(['nothing', 'Bearer at-']);
    });
  });

  it('finds the metadata where the challenge says, at the path, or at the root, in this order [MCP-107]', async () => {
    const at = (metadataAt: 'challenge' | 'path' | 'root' | 'nowhere') =>
      World.in({ protection: { metadataAt } }, async (world) => {
        const { authorizations, server } = world.start();
        await world.request(server.of(undefined));
        const got = await outcome(authorizations.startAuthorization('files').then(() => 'started'));
        return [got, ...world.mcp.looked];
      });
    const [path, root] = ['/.well-known/oauth-protected-resource/mcp', '/.well-known/oauth-protected-resource'];
    expect([await at('challenge'), await at('path'), await at('root'), await at('nowhere')]).to.deep.equal([
      ['started', '/somewhere'],
      ['started', path],
      ['started', path, root],
      ['not_found', path, root],
    ]);
  });

  it('believes no metadata that is about another resource, and takes a resource above the server’s path [MCP-107]', async () => {
    const about = (resource: (url: string) => string) =>
      World.in({}, async (world) => {
        world.protection.resource = resource(world.mcp.url);
        const { authorizations, server } = world.start();
        await world.request(server.of(undefined));
        return outcome(
          authorizations
            .startAuthorization('files')
            .then(({ url }) => new URL(url).searchParams.get('resource') === resource(world.mcp.url)),
        );
      });
    expect([
      await about((url) => url),
      await about((url) => `${url}/mcp`),
      await about((url) => `${url}/mc`),
      await about((url) => `${url}/mcp/other`),
      await about(() => 'https://elsewhere.example/mcp'),
      await about(() => 'no url'),
    ]).to.deep.equal([true, true, ...Array.from({ length: 4 }, () => 'permission_denied')]);
  });

  it('finds authorization servers at the places of RFC 8414 and OpenID Connect, in the specified order [MCP-108]', async () => {
    const at = (server: ServerOptions) =>
      World.in({ server }, async (world) => {
        const { steps: got } = await authorized(world);
        const looked = world.authorizationServer.asked
          .map(({ path }) => path)
          .filter((path) => path.includes('.well-known'));
        return [got.at(-1), ...looked];
      });
    const [oauth, openid] = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration'];
    expect([
      await at({}),
      await at({ metadataAt: 'openid-inserted' }),
      await at({ path: '/tenant' }),
      await at({ path: '/tenant', metadataAt: 'openid-inserted' }),
      await at({ path: '/tenant', metadataAt: 'openid-appended' }),
    ]).to.deep.equal([
      ['200', oauth],
      ['200', oauth, openid],
      ['200', `${oauth}/tenant`],
      ['200', `${oauth}/tenant`, `${openid}/tenant`],
      ['200', `${oauth}/tenant`, `${openid}/tenant`, `/tenant${openid}`],
    ]);
  });

  it('uses no authorization server that is another issuer, lacks PKCE with S256, or has endpoints without TLS [MCP-108]', async () => {
    const said = (metadata: Record<string, unknown>) => started({ server: { metadata } });
    expect([
      await said({ issuer: 'https://honest.example' }),
      await said({ code_challenge_methods_supported: undefined }),
      await said({ code_challenge_methods_supported: ['plain'] }),
      await said({ token_endpoint: 'http://elsewhere.example/token' }),
      await said({ authorization_endpoint: 'http://elsewhere.example/authorize' }),
      await said({ authorization_endpoint: 'javascript:alert(1)' }),
      await said({ token_endpoint: undefined }),
    ]).to.deep.equal(Array.from({ length: 7 }, () => 'permission_denied'));
  });

  it('follows a server to no private address that is not listed [MCP-103]', async () => {
    expect(await started({ strict: true })).to.equal('permission_denied');
  });

  it('compares iss before it looks at anything else of an answer [MCP-109]', async () => {
    const answered = (iss: string | null | undefined, announced: boolean) =>
      World.in(
        {
          server: {
            ...(iss !== undefined && { iss }),
            metadata: { authorization_response_iss_parameter_supported: announced },
          },
        },
        async (world) => {
          const { steps: got } = await authorized(world);
          return `${got[1]} ${world.authorizationServer.parametersOf('/token').length}`;
        },
      );
    expect([
      await answered(undefined, true),
      await answered(null, true),
      await answered('https://mixed-up.example', true),
      await answered(undefined, false),
      await answered('https://mixed-up.example', false),
      await answered(null, false),
    ]).to.deep.equal([
      'files 1',
      'permission_denied 0',
      'permission_denied 0',
      'files 1',
      'permission_denied 0',
      'files 1',
    ]);
  });

  it('takes an answer once, in time, and of an authorization that was begun here [MCP-109]', async () => {
    await World.in({ oauth: { pendingMs: 60_000, pending: 2 } }, async (world) => {
      const { authorizations } = world.start();
      const begin = async () => (await authorizations.startAuthorization('files')).url;
      const [first, second] = [await begin(), await begin()];
      const tooMany = await outcome(begin());
      const back = new URL((await fetch(first, { redirect: 'manual' })).headers.get('location') ?? '').searchParams;
      const forged = new URLSearchParams({ code: 'x', state: 'x'.repeat(43), iss: world.authorizationServer.issuer });
      const error = new URLSearchParams({
        state: new URL(second).searchParams.get('state') ?? '',
        iss: world.authorizationServer.issuer,
        error: '<b>denied</b>',
      });
      const got = [
        tooMany,
        await outcome(authorizations.finish(forged)),
        await outcome(authorizations.finish(error)),
        await outcome(authorizations.finish(error)),
      ];
      got.push(await outcome(authorizations.finish(back)), await outcome(authorizations.finish(back)));
      const third = await begin();
      world.time.ms += 60_001;
      got.push(await world.sayYes(authorizations, third));
      expect(got).to.deep.equal([
        'limit_exceeded',
        'permission_denied',
        'permission_denied',
        'permission_denied',
        'files',
        'permission_denied',
        'permission_denied',
      ]);
    });
  });

  it('is the registered client, else its metadata document, else registers itself as what it is [MCP-110]', async () => {
    const registered = (issuer: string) => ({ issuer, clientId: 'known', clientSecret: 'env:SECRET' });
    const client = (options: WorldOptions) =>
      World.in(options, async (world) => {
        const { steps: got } = await authorized(world);
        const { authorization } = world.authorizationServer.asked.find(({ path }) => path === '/token') ?? {};
        const [token = {}] = world.authorizationServer.parametersOf('/token');
        const [registration] = world.authorizationServer.parametersOf('/register');
        const basic = Buffer.from(authorization?.slice('Basic '.length) ?? '', 'base64').toString();
        return [
          got.at(-1),
          token.client_id?.slice(0, 40) ?? basic,
          registration?.application_type ?? 'no registration',
        ];
      });
    const metadata = { client_id_metadata_document_supported: true };
    const publicUrl = 'https://orchestrator.example';
    expect([
      await client({ server: { metadata }, publicUrl, settings: registered }),
      await client({ server: { metadata }, publicUrl }),
      (await client({ server: { metadata } })).slice(2),
      (await client({ publicUrl })).slice(2),
      await started({ settings: { issuer: 'https://other.example', clientId: 'known' } }),
      await started({ server: { registersNobody: true } }),
      await started({ server: { metadata: { registration_endpoint: undefined } } }),
    ]).to.deep.equal([
      ['200', 'known:secret%20of%20env%3ASECRET', 'no registration'],
      ['200', 'https://orchestrator.example/mcp/oauth/c', 'no registration'],
      ['native'],
      ['web'],
      'permission_denied',
      'permission_denied',
      'permission_denied',
    ]);
  });

  it('renews a token before it ends, once for all who wait, each refresh token once [MCP-111]', async () => {
    await World.in({ server: { expiresIn: 600 } }, async (world) => {
      const { authorization, steps: got } = await authorized(world);
      for (let i = 0; i < 3; i++) {
        world.time.ms += 580_000;
        got.push(...(await Promise.all(Array.from({ length: 5 }, () => world.request(authorization)))));
      }
      const grants = world.authorizationServer.parametersOf('/token');
      const refreshes = grants.flatMap(({ refresh_token: token }) => token ?? []);
      expect({
        got,
        grants: grants.map((one) => `${one.grant_type} ${one.resource === world.mcp.mcp}`),
        distinct: new Set(refreshes).size,
      }).to.deep.equal({
        got: [...AUTHORIZED, ...Array.from({ length: 15 }, () => '200')],
        grants: ['authorization_code true', ...Array.from({ length: 3 }, () => 'refresh_token true')],
        distinct: 3,
      });
    });
  });

  it('renews a token that the server refuses, and asks a person again when it cannot be renewed [MCP-111]', async () => {
    await World.in({}, async (world) => {
      const { authorization, authorizations } = await authorized(world);
      world.authorizationServer.tokens.clear();
      const renewed = await world.request(authorization);
      world.authorizationServer.tokens.clear();
      Object.assign(world.authorizationServer.options, { refuses: () => 'invalid_grant' });
      const lost = await world.request(authorization);
      const { state, problem } = await authorizations.status('files');
      expect([renewed, lost, state, problem]).to.deep.equal([
        '200',
        '401 needs-authorization',
        'needs-authorization',
        `${world.authorizationServer.issuer} refused: invalid_grant`,
      ]);
    });
  });

  it('stops asking for tokens that the server refuses one after the other [MCP-111]', async () => {
    await World.in({ oauth: { renewals: 2 } }, async (world) => {
      const { authorization } = await authorized(world);
      world.protection.refusesAll = true;
      const got = [await world.request(authorization), await world.request(authorization)];
      expect([...got, world.authorizationServer.parametersOf('/token').length]).to.deep.equal([
        '401 needs-authorization',
        '401 needs-authorization',
        3,
      ]);
    });
  });

  it('asks for more scopes together with those it had, by a person, and gives up when they are not granted [MCP-112]', async () => {
    await World.in({ protection: { scope: 'files:read' } }, async (world) => {
      const { authorization, authorizations } = await authorized(world);
      world.protection.needs = ['files:write'];
      const refused = await world.request(authorization);
      const { url } = await authorizations.startAuthorization('files');
      await world.sayYes(authorizations, url);
      const granted = await world.request(authorization);
      for (const [token, { resource }] of world.authorizationServer.tokens)
        world.authorizationServer.tokens.set(token, { resource, scope: '' });
      expect([
        refused,
        new URL(url).searchParams.get('scope'),
        granted,
        await world.request(authorization),
      ]).to.deep.equal([
        '403 needs-authorization',
        'files:read offline_access files:write',
        '200',
        '403 needs-authorization',
      ]);
      expect((await authorizations.status('files')).state).to.equal('refused');
    });
  });

  it('asks for no more scopes than the limit, whatever a server asks for [MCP-126]', async () => {
    await World.in({ oauth: { scopes: 3 }, protection: { scope: 'files:read' } }, async (world) => {
      const { authorization, authorizations } = await authorized(world);
      const asks = async (...needs: string[]) => {
        world.protection.needs = needs;
        return [await world.request(authorization), (await authorizations.status('files')).state];
      };
      const got = [await asks('a', 'b'), await asks('a')];
      const { url } = await authorizations.startAuthorization('files');
      expect([...got, new URL(url).searchParams.get('scope')]).to.deep.equal([
        ['403 needs-authorization', 'refused'],
        ['403 needs-authorization', 'needs-authorization'],
        'files:read offline_access a',
      ]);
    });
  });

  it('goes to the authorization server that a server names by now, with nothing of the one before [MCP-127]', async () => {
    const before = await AuthorizationServer.start();
    try {
      await World.in({ server: { expiresIn: 600 } }, async (world) => {
        const { authorizationServer: after, protection } = world;
        protection.authorizationServer = before;
        const { authorization, authorizations } = await authorized(world);
        protection.authorizationServer = after;
        const asked = before.asked.length;
        const moved = await world.request(authorization);
        const { url } = await authorizations.startAuthorization('files');
        await world.sayYes(authorizations, url);
        const again = await world.request(authorization);
        const [registered] = before.parametersOf('/token');
        expect({
          got: [moved, again, (await authorizations.status('files')).issuer],
          askedBefore: before.asked.length - asked,
          askedAfter: after.asked.map(({ path }) => path).filter((path) => !path.startsWith('/.well-known')),
          clientIsAnother: after.parametersOf('/token')[0]?.client_id !== registered?.client_id,
        }).to.deep.equal({
          got: ['401 needs-authorization', '200', after.issuer],
          askedBefore: 0,
          askedAfter: ['/register', '/authorize', '/token'],
          clientIsAnother: true,
        });
      });
    } finally {
      await before.close();
    }
  });

  it('needs no person where the daemon has credentials of its own, for more scopes neither [MCP-113]', async () => {
    const settings = (issuer: string) => ({
      grant: 'client_credentials' as const,
      issuer,
      clientId: 'machine',
      clientSecret: 'env:SECRET',
    });
    await World.in({ settings, protection: { scope: 'files:read' } }, async (world) => {
      const { authorizations, server } = world.start();
      const first = await world.request(server.of(undefined));
      world.protection.needs = ['files:read', 'files:write'];
      const more = await world.request(server.of(undefined));
      const grants = world.authorizationServer.parametersOf('/token');
      expect({ got: [first, more, await outcome(authorizations.startAuthorization('files'))], grants }).to.deep.equal({
        got: ['200', '200', 'conflict'],
        grants: ['files:read', 'files:read files:write'].map((scope) => ({
          grant_type: 'client_credentials',
          resource: world.mcp.mcp,
          scope,
        })),
      });
    });
  });

  it('shows who it is by assertions signed with a key of its own, each good once and for a minute [MCP-186]', async () => {
    const withKey = async (pair: KeyPair, text: string, announced?: readonly string[]) => {
      const time = { now: () => 0 };
      const metadata = {
        token_endpoint_auth_methods_supported: ['private_key_jwt'],
        token_endpoint_auth_signing_alg_values_supported: announced,
      };
      const settings = (issuer: string) => ({
        grant: 'client_credentials' as const,
        issuer,
        clientId: 'machine',
        clientKey: 'env:KEY',
        clientKeyId: 'key-1',
      });
      const options: WorldOptions = {
        server: { metadata, clientKey: { key: pair.publicKey, now: () => time.now() } },
        settings,
        secrets: { 'env:KEY': text },
      };
      return World.in(options, async (world) => {
        time.now = () => world.clock.now();
        const { authorizations, server } = world.start();
        const got = [await world.request(server.of(undefined))];
        world.authorizationServer.tokens.clear();
        got.push(await world.request(server.of(undefined)));
        const [sent = {}] = world.authorizationServer.parametersOf('/token');
        const { problem } = await authorizations.status('files');
        return {
          got,
          signed: world.authorizationServer.assertions.map(({ alg, kid }) => `${alg} ${kid}`),
          secret: sent.client_secret ?? 'none',
          problem,
          shown: JSON.stringify([world.authorizationServer.asked, world.lines]).includes('PRIVATE'),
        };
      });
    };
    const pem = ({ privateKey }: KeyPair) => privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ed = generateKeyPairSync('ed25519');
    const jwk = JSON.stringify({ ...ed.privateKey.export({ format: 'jwk' }), kid: 'own' });
    const works = (algorithm: string) => ({
      got: ['200', '200'],
      signed: [`${algorithm} key-1`, `${algorithm} key-1`],
      secret: 'none',
      problem: undefined,
      shown: false,
    });
    const fails = async (pair: KeyPair, text: string, announced?: readonly string[]) => {
      const { got, signed, problem, shown } = await withKey(pair, text, announced);
      return [got[0], signed.length, problem?.replace(/^http:\S+/, 'ISSUER'), shown];
    };
    expect([
      await withKey(ec, pem(ec)),
      await withKey(rsa, pem(rsa), ['ES256', 'PS256']),
      await withKey(rsa, pem(rsa)),
      await withKey(ed, jwk),
    ]).to.deep.equal([works('ES256'), works('PS256'), works('RS256'), works('EdDSA')]);
    expect([
      await fails(ec, pem(generateKeyPairSync('ec', { namedCurve: 'P-256' }))),
      await fails(ec, pem(ec), ['RS256']),
      await fails(ec, pem(ec).replace(/[A-Z]{4}/, '')),
      await fails(ec, pem(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }))),
    ]).to.deep.equal([
      ['401 needs-authorization', 0, 'ISSUER refused: invalid_client', false],
      [
        '401 needs-authorization',
        0,
        'ISSUER takes assertions signed with RS256, which clientKey cannot; register a key of that kind',
        false,
      ],
      [
        '401 needs-authorization',
        0,
        'clientKey holds no private key: a PEM without a passphrase, or a JWK, is expected',
        false,
      ],
      [
        '401 needs-authorization',
        0,
        'clientKey is of a kind that signs nothing here: RSA, P-256, P-384, P-521 or Ed25519 is expected',
        false,
      ],
    ]);
  });

  it('that callers begin for themselves is ended only by who confirms whose it is, one for each of them [MCP-129]', async () => {
    await World.in({ perCaller: true }, async (world) => {
      const { authorizations, server } = world.start();
      const dropped = await authorizations.startAuthorization('files', 'ana', 'ana');
      const { url } = await authorizations.startAuthorization('files', 'ana', 'ana');
      const back = new URL((await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '');
      const page = await (await answerCallback(authorizations, new Request(back))).text();
      const unconfirmed = (await authorizations.status('files', 'ana')).state;
      const fields = [...page.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(
        ([, name = '', value = '']): [string, string] => [
          name,
          value.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
        ],
      );
      back.search = new URLSearchParams(fields).toString();
      const confirmed = await answerCallback(authorizations, new Request(back));
      expect([
        /<p>(.*?)<\/p>/.exec(page)?.[1],
        unconfirmed,
        confirmed.status,
        await world.request(server.of('ana')),
        await world.sayYes(authorizations, dropped.url),
      ]).to.deep.equal([
        'ana asks to use files in your name. If that is not you, close this page.',
        'none',
        200,
        '200',
        'permission_denied',
      ]);
    });
  });

  it('keeps the tokens of each caller apart where the server has them per caller [MCP-114]', async () => {
    await World.in({ perCaller: true }, async (world) => {
      const { authorizations, server } = world.start();
      const { url } = await authorizations.startAuthorization('files', 'ana');
      await world.sayYes(authorizations, url);
      expect([
        await world.request(server.of('ana')),
        await world.request(server.of('ben')),
        (await authorizations.status('files', 'ana')).state,
        (await authorizations.status('files', 'ben')).state,
      ]).to.deep.equal(['200', '401 needs-authorization', 'authorized', 'needs-authorization']);
    });
  });
});
