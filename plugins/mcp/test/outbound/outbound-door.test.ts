import { expect } from 'chai';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { AllowedHosts } from '../../src/outbound/allowed-hosts.js';
import { OutboundDoor } from '../../src/outbound/outbound-door.js';
import { outboundSettingsOf, type OutboundSettings } from '../../src/outbound/outbound-settings.js';
import { isPublic } from '../../src/outbound/public-address.js';
import { startServer, type TestServer } from './http-server.js';

const SETTINGS = outboundSettingsOf({ connectMs: 2_000, answerBytes: 1_000, redirects: 2 });

interface Door {
  readonly settings?: Partial<OutboundSettings>;
  readonly listed?: string;
  readonly names?: Readonly<Record<string, readonly string[]>>;
}

/** Asks through a door and answers the status and text, or the name of the error. */
async function asked({ settings, listed, names }: Door, url: string, times = 1) {
  const looked: string[] = [];
  const resolve = (name: string) => {
    looked.push(name);
    return Promise.resolve(names?.[name] ?? []);
  };
  const own = listed === undefined ? undefined : new URL(listed);
  const door = new OutboundDoor({ ...SETTINGS, ...settings }, own, resolve);
  const answers: string[] = [];
  try {
    for (let i = 0; i < times; i++) {
      const { status, text } = await door.exchange({ method: 'GET', url: new URL(url) });
      answers.push(`${status} ${text}`);
    }
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    answers.push(error.errorName);
  } finally {
    await door.close();
  }
  return { answers, looked };
}

async function withServer<T>(run: (server: TestServer) => Promise<T>): Promise<T> {
  const server = await startServer(({ url, headers }, response) => {
    if (url === '/large') return void response.end('x'.repeat(1_001));
    if (url === '/silent') return;
    const target = /^\/to\?(.*)$/.exec(url ?? '')?.[1];
    if (target !== undefined) return void response.writeHead(302, { location: decodeURIComponent(target) }).end();
    response.end(`${headers.host} ${url}`);
  });
  try {
    return await run(server);
  } finally {
    await server.close();
  }
}

describe('the way out over HTTP', () => {
  it('knows which addresses lead to the internet [MCP-103]', () => {
    const inside = ['127.0.0.1', '10.1.2.3', '172.16.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'];
    inside.push(
      '224.0.0.1',
      '255.255.255.255',
      '198.18.0.1',
      '192.0.2.1',
      '240.0.0.1',
      '::1',
      '::',
      'fe80::1',
      'fc00::1',
    );
    inside.push(
      'fd12::1',
      'ff02::1',
      '::ffff:127.0.0.1',
      '::ffff:10.0.0.1',
      '64:ff9b::7f00:1',
      '2002:7f00:1::',
      '2001:db8::1',
    );
    inside.push('fec0::1', '::7f00:1', 'no address');
    const outside = ['93.184.216.34', '8.8.8.8', '2606:2800:220:1::1', '::ffff:8.8.8.8'];
    expect([inside.filter(isPublic), outside.filter((address) => !isPublic(address))]).to.deep.equal([[], []]);
  });

  it('leads to no private address, by number or by name, unless it is listed [MCP-103]', async () => {
    await withServer(async ({ url, port }) => {
      const names = { inside: ['127.0.0.1'], mixed: ['93.184.216.34', '127.0.0.1'] };
      const listed = (entry: string) => ({ names, settings: { allowedHosts: [entry] } });
      const got = [];
      for (const host of ['127.0.0.1', 'inside', 'mixed', '2130706433']) {
        got.push(...(await asked({ names }, `http://${host}:${port}/`)).answers);
      }
      const entries = [
        'inside',
        `inside:${port}`,
        '127.0.0.0/8',
        '127.0.0.1',
        `http://inside:${port}`,
        'inside:1',
        '10.0.0.0/8',
      ];
      for (const entry of entries) got.push(...(await asked(listed(entry), `http://inside:${port}/`)).answers);
      got.push(...(await asked({ listed: `${url}/mcp` }, `${url}/`)).answers);
      got.push(...(await asked({ listed: 'http://127.0.0.1:1/mcp' }, `${url}/`)).answers);
      const found = `200 inside:${port} /`;
      expect(got).to.deep.equal([
        ...Array.from({ length: 4 }, () => 'permission_denied'),
        ...Array.from({ length: 5 }, () => found),
        'permission_denied',
        'permission_denied',
        `200 127.0.0.1:${port} /`,
        'permission_denied',
      ]);
    });
  });

  it('connects to the very address that was checked, and checks each connection once [MCP-104]', async () => {
    await withServer(async ({ port, connections }) => {
      const names = { 'pinned.example': ['127.0.0.1'] };
      const allowedHosts = ['pinned.example'];
      const { answers, looked } = await asked(
        { names, settings: { allowedHosts } },
        `http://pinned.example:${port}/`,
        9,
      );
      expect({ answers: [...new Set(answers)], looked: looked.length, reused: connections() < 9 }).to.deep.equal({
        answers: [`200 pinned.example:${port} /`],
        looked: connections(),
        reused: true,
      });
    });
  });

  it('speaks without TLS to this machine only, unless the origin is listed with http: [MCP-103]', async () => {
    const names = { 'outside.example': ['93.184.216.34'], 'near.example': ['10.0.0.1'] };
    const at = async (entry: string, url: string) =>
      (await asked({ names, settings: { allowedHosts: [entry], connectMs: 100 } }, url)).answers;
    expect([
      ...(await at('nobody', 'http://outside.example/')),
      ...(await at('near.example', 'http://near.example/')),
      ...(await asked({ names, listed: 'http://near.example/mcp' }, 'http://near.example/')).answers,
    ]).to.deep.equal(['permission_denied', 'permission_denied', 'permission_denied']);
  });

  it('checks where a redirect leads like the first address, and follows a bounded number [MCP-104]', async () => {
    await withServer(async ({ url, port }) => {
      const door = { names: { inside: ['127.0.0.1'] }, listed: `${url}/mcp` };
      const to = (target: string) => `${url}/to?${encodeURIComponent(target)}`;
      const got = [];
      for (const target of [
        '/end',
        to('/end'),
        to(to('/end')),
        `http://inside:${port}/end`,
        'file:///etc/passwd',
        'http://[',
      ]) {
        got.push(...(await asked(door, to(target))).answers);
      }
      const end = `200 127.0.0.1:${port} /end`;
      expect(got).to.deep.equal([end, end, 'limit_exceeded', 'permission_denied', 'unavailable', 'permission_denied']);
    });
  });

  it('reads a bounded answer for a bounded time [MCP-105]', async () => {
    await withServer(async ({ url }) => {
      const listed = `${url}/mcp`;
      expect([
        ...(await asked({ listed }, `${url}/large`)).answers,
        ...(await asked({ listed, settings: { answerMs: 200 } }, `${url}/silent`)).answers,
      ]).to.deep.equal(['limit_exceeded', 'unavailable']);
    });
  });

  it('names the entry of allowedHosts that is none', () => {
    const wrong = (entry: string) => () => new AllowedHosts(['good.example', entry]);
    for (const entry of ['', '*', 'a b', 'http://', 'https://[', 'x:y', '10.0.0.0/33', 'user@host']) {
      expect(wrong(entry), entry).to.throw(Error);
    }
  });
});
