import { silentLog } from '@ai-orchestrator/core/plugin-testing';
import type { Authorizer, Principal } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { base64url, generateKeyPair, SignJWT } from 'jose';
import { outboundSettingsOf } from '../../src/outbound/outbound-settings.js';
import type { AccessSettings } from '../../src/resource/access-settings.js';
import { openAccess } from '../../src/resource/open-access.js';
import { ProtectedResourceMetadata } from '../../src/resource/protected-resource-metadata.js';
import { startIssuer } from './issuer.js';

const PUBLIC = 'https://orchestrator.example';
const NOW = Date.UTC(2026, 0, 1);
const SECONDS = NOW / 1_000;
const AUDIENCE = { aud: `${PUBLIC}/mcp`, exp: SECONDS + 600 };

/** A world with one issuer, in which tokens are tried. */
async function withIssuer<T>(
  run: (world: {
    issuer: Awaited<ReturnType<typeof startIssuer>>;
    time: { ms: number };
    expired: string[];
    tick: () => void;
    who: (token: string, resource?: string) => Promise<Principal | string | undefined>;
  }) => Promise<T>,
  settings: Partial<AccessSettings> = {},
): Promise<T> {
  const issuer = await startIssuer();
  const time = { ms: NOW };
  const expired: string[] = [];
  let tick = (): void => undefined;
  const clock = { now: () => time.ms, monotonicMs: () => time.ms };
  const timer = { cancel: () => undefined };
  const timers = { after: () => timer, every: (_: number, run: () => void) => ((tick = run), timer) };
  const authentication = {
    addScheme: () => () => undefined,
    authenticate: () => Promise.resolve(undefined),
    revoke: () => undefined,
    expire: (id: string) => void expired.push(id),
    onRevoked: () => () => undefined,
  };
  const scopes = { 'mcp:use': ['agent' as const], 'mcp:operate': ['agent' as const, 'operator' as const] };
  const opened = openAccess(
    { issuers: { login: { issuer: issuer.url, scopes } }, ...settings },
    outboundSettingsOf({ answerMs: 2_000 }),
    () => PUBLIC,
    { authentication, clock, timers, log: silentLog },
  );
  const who = async (token: string, resource = '/mcp') => {
    if (!opened.scheme.recognises(token)) return 'another scheme’s';
    try {
      return await opened.scheme.authenticate(token, resource);
    } catch (error) {
      if (error instanceof OrchestratorError) return error.errorName;
      throw error;
    }
  };
  try {
    return await run({ issuer, time, expired, tick: () => tick(), who });
  } finally {
    await opened.close();
    await issuer.close();
  }
}

describe('access tokens', () => {
  it('are somebody’s with the roles of their scopes, until they end [MCP-118]', async () => {
    await withIssuer(async ({ issuer, who }) => {
      const token = await issuer.sign({ ...AUDIENCE, jti: 'one', scope: 'openid mcp:operate mcp:use' });
      const listed = await issuer.sign({ ...AUDIENCE, jti: 'two', scope: undefined, scp: ['mcp:use'] });
      const roleless = await issuer.sign({ ...AUDIENCE, jti: 'three', scope: 'constructor' });
      const ana = { id: 'login:ana', kind: 'user', expiresAt: NOW + 610_000 };
      expect([await who(token), await who(listed), await who(roleless), await who('orc_key')]).to.deep.equal([
        { ...ana, roles: ['agent', 'operator'], credentialId: 'login:one' },
        { ...ana, roles: ['agent'], credentialId: 'login:two' },
        { ...ana, roles: [], credentialId: 'login:three' },
        'another scheme’s',
      ]);
    });
  });

  it('open the resource only that they are for, and nothing but /mcp and its sets [MCP-118]', async () => {
    await withIssuer(async ({ issuer, who }) => {
      const token = await issuer.sign(AUDIENCE);
      const several = await issuer.sign({ ...AUDIENCE, aud: [`${PUBLIC}/mcp/coding`, `${PUBLIC}/mcp`] });
      const [rpc, other] = await Promise.all(
        ['/rpc', `${PUBLIC}/mcp/`].map((aud) => issuer.sign({ ...AUDIENCE, aud })),
      );
      const opens = async (one: string, path?: string) => (await who(one, path)) !== undefined;
      expect([
        await opens(token, '/mcp'),
        await opens(several, '/mcp/coding'),
        await opens(token, '/mcp/coding'),
        await opens(several, '/mcp/writing'),
        await opens(token, '/rpc'),
        await opens(token, '/metrics'),
        await opens(rpc ?? '', '/rpc'),
        await opens(other ?? '', '/mcp'),
        await opens(await issuer.sign({ ...AUDIENCE, aud: undefined }), '/mcp'),
      ]).to.deep.equal([true, true, ...Array.from({ length: 7 }, () => false)]);
    });
  });

  it('are nobody’s when they ended, are not valid yet, never end, or are no access tokens of a configured issuer [MCP-119]', async () => {
    await withIssuer(async ({ issuer, who }) => {
      const stranger = await startIssuer();
      const tokens = [
        { ...AUDIENCE, exp: SECONDS - 11 },
        { ...AUDIENCE, exp: undefined },
        { ...AUDIENCE, nbf: SECONDS + 11 },
        { ...AUDIENCE, sub: undefined },
        { ...AUDIENCE, sub: 'two words' },
        { ...AUDIENCE, sub: 'x'.repeat(96) },
        { ...AUDIENCE, iss: 'https://elsewhere.example' },
      ].map((claims) => issuer.sign(claims));
      tokens.push(
        stranger.sign(AUDIENCE),
        stranger.sign({ ...AUDIENCE, iss: issuer.url }),
        issuer.sign(AUDIENCE, { typ: 'logout+jwt' }),
      );
      const got = await Promise.all(tokens.map(async (token) => who(await token)));
      const within = [
        { ...AUDIENCE, exp: SECONDS - 5 },
        { ...AUDIENCE, nbf: SECONDS + 5 },
      ].map(async (claims) => (await who(await issuer.sign(claims))) !== undefined);
      await stranger.close();
      expect([got, await Promise.all(within)]).to.deep.equal([Array.from({ length: 10 }), [true, true]]);
    });
  });

  it('are nobody’s without a signature of the issuer’s public keys: none, a shared secret, a changed payload [MCP-119]', async () => {
    await withIssuer(async ({ issuer, who }) => {
      const good = await issuer.sign(AUDIENCE);
      const [header = '', payload = '', signature = ''] = good.split('.');
      const part = (value: object) => base64url.encode(JSON.stringify(value));
      const claims = { iss: issuer.url, sub: 'eve', scope: 'mcp:operate', ...AUDIENCE };
      const hmac = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', kid: 'key-0' })
        .sign(new Uint8Array(32));
      const rsa = await generateKeyPair('RS256');
      const embedded = await new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', jku: 'https://evil.example/keys' })
        .sign(rsa.privateKey);
      const tokens = [
        `${part({ alg: 'none' })}.${part(claims)}.x`,
        hmac,
        embedded,
        `${header}.${part(claims)}.${signature}`,
        `${header}.${payload}.${'A'.repeat(86)}`,
        `${header}.${payload}`,
      ];
      expect([await Promise.all(tokens.map((token) => who(token))), (await who(good)) !== undefined]).to.deep.equal([
        [...Array.from({ length: 5 }), 'another scheme’s'],
        true,
      ]);
    });
  });

  it('are checked with keys that are fetched once, and again for a key that is not known, but not often [MCP-120]', async () => {
    await withIssuer(
      async ({ issuer, who }) => {
        const fetched = () => issuer.asked.filter((path) => path === '/keys').length;
        const before = await issuer.sign(AUDIENCE);
        await Promise.all(Array.from({ length: 20 }, () => who(before)));
        const once = fetched();
        for (let i = 0; i < 20; i++) await who(await issuer.sign(AUDIENCE, { kid: `made-up-${i}` }));
        const often = fetched();
        expect([once, often]).to.deep.equal([1, 1]);
      },
      { keysCooldownMs: 30_000 },
    );
    await withIssuer(
      async ({ issuer, who }) => {
        await who(await issuer.sign(AUDIENCE));
        await issuer.newKey();
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect((await who(await issuer.sign(AUDIENCE))) !== undefined).to.equal(true);
      },
      { keysCooldownMs: 10 },
    );
  });

  it('cannot be checked without the keys, which is no word against them [MCP-120]', async () => {
    await withIssuer(async ({ issuer, who }) => {
      const token = await issuer.sign(AUDIENCE);
      await issuer.close();
      expect([await who(token), await who(token)]).to.deep.equal(['unavailable', 'unavailable']);
    });
  });

  it('end the streams that came by them when they end, and watch a bounded number [MCP-121]', async () => {
    await withIssuer(
      async ({ issuer, who, time, expired, tick }) => {
        for (const jti of ['one', 'two', 'three', 'two']) await who(await issuer.sign({ ...AUDIENCE, jti }));
        const first = [...expired];
        time.ms += 605_000;
        tick();
        const early = [...expired];
        time.ms += 5_000;
        tick();
        expect([first, early, expired]).to.deep.equal([
          ['login:one'],
          ['login:one'],
          ['login:one', 'login:three', 'login:two'],
        ]);
      },
      { tokens: 2 },
    );
  });
});

describe('the metadata of /mcp', () => {
  const authorizer: Authorizer = {
    version: 1,
    authorize: ({ roles }) => ({ allowed: roles.includes('agent'), reason: '' }),
    onChanged: () => () => undefined,
  };
  const settings: AccessSettings = {
    issuers: {
      login: {
        issuer: 'https://login.example',
        scopes: { openid: [], 'mcp:use': ['agent'], offline_access: ['agent'], 'mcp:operate': ['agent', 'operator'] },
      },
      partner: { issuer: 'https://partner.example', scopes: { 'mcp:use': ['agent'] } },
    },
  };
  const metadata = new ProtectedResourceMetadata(settings, () => PUBLIC, authorizer);
  const mount = metadata.mount();
  const at = async (path: string) => {
    if (!('handle' in mount)) throw new Error('it is not of this form');
    return (await mount.handle(new Request(`http://127.0.0.1${path}`), undefined)).json();
  };

  it('names the resource, who issues its tokens, and its scopes, for each set alike [MCP-122]', async () => {
    const about = (path: string) => ({
      resource: `${PUBLIC}${path}`,
      authorization_servers: ['https://login.example', 'https://partner.example'],
      scopes_supported: ['openid', 'mcp:use', 'mcp:operate'],
      bearer_methods_supported: ['header'],
      resource_name: 'AI Orchestrator',
    });
    const place = '/.well-known/oauth-protected-resource';
    expect([mount.path, mount.permission, await at(`${place}/mcp`), await at(`${place}/mcp/any-set`)]).to.deep.equal([
      `${place}/`,
      'public',
      about('/mcp'),
      about('/mcp/any-set'),
    ]);
    for (const path of ['/rpc', '/mcp/a/b', '/mcp/', '/']) {
      expect(await at(place + path).catch((error: unknown) => (error as OrchestratorError).errorName), path).to.equal(
        'not_found',
      );
    }
  });

  it('is where a challenge points to, with the least scope that opens it [MCP-122]', () => {
    const place = `resource_metadata="${PUBLIC}/.well-known/oauth-protected-resource`;
    expect([
      metadata.challenge('unauthenticated', '/mcp'),
      metadata.challenge('unauthenticated', '/mcp/coding'),
      metadata.challenge('invalid_token', '/mcp'),
      metadata.challenge('permission_denied', '/mcp'),
      metadata.challenge('unauthenticated', '/mcp/"x'),
    ]).to.deep.equal([
      `Bearer ${place}/mcp", scope="mcp:use"`,
      `Bearer ${place}/mcp/coding", scope="mcp:use"`,
      `Bearer error="invalid_token", ${place}/mcp", scope="mcp:use"`,
      `Bearer error="insufficient_scope", ${place}/mcp", scope="mcp:use"`,
      `Bearer ${place}/mcp", scope="mcp:use"`,
    ]);
  });
});
