import { connect, type Client } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { orchestrator } from '../support/command-line.js';
import { startTestDaemon, type TestDaemon } from '../support/daemon.js';
import { startGuardedServer } from '../support/guarded-server.js';
import { keyFor } from '../support/mcp-client.js';
import { startTokenIssuer } from '../support/token-issuer.js';

interface Here {
  readonly issuer: Awaited<ReturnType<typeof startTokenIssuer>>;
  readonly url: string;
  readonly daemon: TestDaemon;
  readonly admin: Client;
  /** Gives a server of a name what it needs to be authorized at without a person. */
  readonly machine: (path?: string) => { readonly url: string; readonly authorization: object };
  readonly config: (servers: object) => object;
  /** State of a server, and of what it is authorized by. */
  readonly state: (name: string) => Promise<string>;
  /** Resolves with the records of these actions once there are so many. */
  readonly records: (actions: readonly string[], count: number) => Promise<readonly unknown[]>;
}

/** Runs a test at a daemon with servers that ask for authorization. */
async function atDaemon(
  servers: (url: string, machine: Here['machine']) => object,
  run: (here: Here) => Promise<void>,
  more: { readonly revocation?: 'silent'; readonly oauth?: object } = {},
): Promise<void> {
  const issuer = await startTokenIssuer(more);
  const guarded = await startGuardedServer(issuer.url);
  const url = `${guarded.url}/mcp`;
  const grant = { grant: 'client_credentials', clientId: 'orchestrator', clientSecret: 'env:GUARDED_SECRET' };
  const machine = (path = '') => ({ url: url + path, authorization: { ...grant, issuer: issuer.url } });
  const outbound = { allowedHosts: [issuer.url.slice('http://'.length)] };
  const { oauth = {} } = more;
  const config = (of: object) => ({
    tools: { grants: [{ roles: ['agent'], providers: ['mcp/own', 'mcp/shared'] }] },
    plugins: { mcp: { config: { servers: of, outbound, oauth } } },
  });
  const daemon = await startTestDaemon({ config: config(servers(url, machine)), env: { GUARDED_SECRET: 's3cret' } });
  const admin = await connect({ url: daemon.url, token: daemon.adminKey });
  const state = async (name: string) => {
    const [server] = (await admin.call('mcp.status', { name })).servers;
    return `${server?.state ?? 'none'} ${server?.authorization?.state ?? 'none'}`;
  };
  const records = async (actions: readonly string[], count: number) => {
    for (const until = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      const { entries } = await admin.call('journal.read', { actions: [...actions], limit: 10 });
      if (entries.length >= count || Date.now() > until)
        return entries.map(({ action, principal, details }) => [action, principal, details]);
    }
  };
  try {
    await run({ issuer, url, daemon, admin, machine, config, state, records });
  } finally {
    await admin.close();
    await daemon.kill();
    await guarded.close();
    await issuer.close();
  }
}

async function until(state: () => Promise<string>, wanted: string): Promise<void> {
  for (const end = Date.now() + 60_000; (await state()) !== wanted;) {
    if (Date.now() > end) throw new Error(`it is ${await state()}, not ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Does what a person does: opens the URL, says yes, and, where somebody asked for themselves, confirms whose it is. */
async function sayYes(url: string): Promise<void> {
  const back = (await fetch(url, { redirect: 'manual' })).headers.get('location') ?? '';
  const page = await (await fetch(back)).text();
  const fields = [...page.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(
    ([, name = '', value = '']): [string, string] => [
      name,
      value.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code))),
    ],
  );
  if (fields.length === 0) return;
  const confirmed = new URL(back);
  confirmed.search = new URLSearchParams(fields).toString();
  await (await fetch(confirmed)).text();
}

describe('an authorization at a server', () => {
  it('is withdrawn by a command: its tools are gone, its token is revoked, and the journal says who did it [MCP-194]', async () => {
    await atDaemon(
      (url) => ({ guarded: { url } }),
      async ({ daemon, issuer, state, records }) => {
        await until(() => state('guarded'), 'backoff needs-authorization');
        const env = { ORCHESTRATOR_URL: daemon.url, ORCHESTRATOR_TOKEN: daemon.adminKey };
        await sayYes((await orchestrator(['mcp', 'authorize', 'guarded'], { env })).stdout.trim());
        await until(() => state('guarded'), 'ready authorized');
        const withdrawn = await orchestrator(['mcp', 'deauthorize', 'guarded'], { env });
        await until(() => state('guarded'), 'backoff needs-authorization');
        const again = await orchestrator(['mcp', 'deauthorize', 'guarded'], { env });
        expect({
          withdrawn,
          again,
          revoked: issuer.revoked,
          records: await records(['mcp.deauthorized', 'mcp.revoked'], 2),
        }).to.deep.equal({
          withdrawn: {
            code: 0,
            stdout: 'The authorization at guarded is withdrawn; its tokens are erased.\n',
            stderr: `${issuer.url} has revoked them.\n`,
          },
          again: {
            code: 8,
            stdout: '',
            stderr:
              'error: Conflict: no authorization at server guarded is there to be withdrawn (conflict)\n' +
              'hint:  "orchestrator mcp status guarded" shows how it is authorized. Where each caller has its own, --principal says whose; "mcp authorize guarded" begins one.\n',
          },
          revoked: ['own-1-for-a-person'],
          records: [
            ['mcp.deauthorized', 'admin', { server: 'guarded', issuer: issuer.url }],
            ['mcp.revoked', 'daemon', { server: 'guarded', revoked: 1, unrevoked: 0 }],
          ],
        });
      },
    );
  });

  it('is withdrawn by a caller where it is its own; of others it learns nothing [MCP-194]', async () => {
    await atDaemon(
      (url) => ({
        own: { url, instances: 'per-caller' },
        shared: { url },
        hidden: { url, instances: 'per-caller' },
      }),
      async ({ daemon, admin, state, records, issuer }) => {
        await until(() => state('own'), 'backoff needs-authorization');
        const ana = await connect({ url: daemon.url, token: await keyFor(daemon, 'ana') });
        const ben = await connect({ url: daemon.url, token: await keyFor(daemon, 'ben') });
        try {
          for (const caller of [ana, ben]) await sayYes((await caller.call('mcp.authorize', { name: 'own' })).url);
          const withdrawn = (by: Client, name: string, principal?: string) =>
            by.call('mcp.deauthorize', { name, ...(principal !== undefined && { principal }) }).then(
              ({ revoked }) => (revoked ? 'revoked' : 'not revoked'),
              (error: unknown) => (error as { errorName?: string }).errorName,
            );
          expect({
            another: await withdrawn(ana, 'own', 'ben'),
            shared: await withdrawn(ana, 'shared'),
            hidden: await withdrawn(ana, 'hidden'),
            none: await withdrawn(ana, 'none'),
            own: await withdrawn(ana, 'own'),
            byAdmin: await withdrawn(admin, 'own', 'ben'),
            records: await records(['mcp.deauthorized'], 2),
          }).to.deep.equal({
            another: 'permission_denied',
            shared: 'permission_denied',
            hidden: 'not_found',
            none: 'not_found',
            own: 'revoked',
            byAdmin: 'revoked',
            records: [
              ['mcp.deauthorized', 'ana', { server: 'own', issuer: issuer.url, principal: 'ana' }],
              ['mcp.deauthorized', 'admin', { server: 'own', issuer: issuer.url, principal: 'ben' }],
            ],
          });
        } finally {
          await Promise.all([ana.close(), ben.close()]);
        }
      },
    );
  });

  it('ends when the configuration gives its server another URL, with its token revoked [MCP-188]', async () => {
    await atDaemon(
      (_, machine) => ({ moved: machine(), stays: machine() }),
      async ({ daemon, machine, config, state, records, issuer }) => {
        for (const name of ['moved', 'stays']) await until(() => state(name), 'ready authorized');
        const servers = { moved: machine('?to=elsewhere'), stays: { ...machine(), prefix: 'other__' } };
        await writeFile(daemon.configFile, JSON.stringify({ http: { port: 0 }, ...config(servers) }));
        daemon.child.kill('SIGHUP');
        const recorded = await records(['mcp.revoked'], 1);
        for (const name of ['moved', 'stays']) await until(() => state(name), 'ready authorized');
        expect([recorded, issuer.revoked.length, (await records(['mcp.revoked'], 1)).length]).to.deep.equal([
          [['mcp.revoked', 'daemon', { server: 'moved', revoked: 1, unrevoked: 0 }]],
          1,
          1,
        ]);
      },
    );
  });

  it('that takes long to be revoked keeps no other server waiting, only one of its own name [MCP-192]', async () => {
    await atDaemon(
      (_, machine) => ({ first: machine() }),
      async ({ admin, machine, state, issuer, records }) => {
        await until(() => state('first'), 'ready authorized');
        const added = async (name: string) => {
          await admin.call('mcp.add', { name, server: machine() });
          await until(() => state(name), 'ready authorized');
        };
        await added('second');
        await admin.call('mcp.remove', { name: 'second' });
        while (issuer.revoked.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
        await admin.call('mcp.add', { name: 'second', server: machine() });
        await added('third');
        expect([await state('second'), (await records(['mcp.revoked'], 0)).length]).to.deep.equal([
          'connecting none',
          0,
        ]);
      },
      { revocation: 'silent', oauth: { revocationMs: 60_000 } },
    );
  });
});
