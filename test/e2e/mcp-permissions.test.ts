import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from '@ai-orchestrator/protocol/client';
import { startTestDaemon } from '../support/daemon.js';
import { keyFor, McpClient, untilListed } from '../support/mcp-client.js';
import { MCP_ECHO_SERVER } from '../support/mcp-echo-server.js';

describe('/mcp for a caller without a permission', () => {
  it('says neither name nor schema of a tool, in listing, call, completion and error, and the journal has each call [MCP-69]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-mcp-'));
    const script = join(folder, 'echo.mjs');
    await writeFile(script, MCP_ECHO_SERVER);
    const daemon = await startTestDaemon({
      config: {
        plugins: { mcp: { config: { servers: { echo: { command: process.execPath, args: [script] } } } } },
        tools: {
          grants: [{ roles: ['agent'], tools: ['echo__*'] }],
          forbids: [{ principals: ['ada'], tools: ['echo__secret'] }],
          sets: { all: { tools: ['*'] }, own: { tools: ['echo__echo'], principals: ['bob'] } },
        },
      },
    });
    try {
      const [adaKey, bobKey] = [await keyFor(daemon, 'ada'), await keyFor(daemon, 'bob')];
      const client = (key: string, path: string) => new McpClient(daemon.httpUrl, key, path);
      const [ada, adaAll, adaOwn] = [client(adaKey, '/mcp'), client(adaKey, '/mcp/all'), client(adaKey, '/mcp/own')];
      const [bob, bobOwn] = [client(bobKey, '/mcp'), client(bobKey, '/mcp/own')];
      await untilListed(bob, 'echo__secret');
      const begun = await ada.initialize();
      const call = async (by: McpClient, name: string) => {
        const { status, text } = await by.modern(1, 'tools/call', { name, arguments: {} });
        return `${status} ${text.replaceAll(name, 'NAME')}`;
      };
      const seen = [
        begun,
        await ada.legacy(1, 'tools/list'),
        await ada.modern(1, 'tools/list'),
        await adaAll.modern(1, 'tools/list'),
        await ada.modern(1, 'server/discover'),
        await ada.modern(1, 'completion/complete', {
          ref: { type: 'ref/prompt', name: 'x' },
          argument: { name: 'a', value: 'sec' },
        }),
      ];
      const operator = await connect({ url: daemon.url, token: await keyFor(daemon, 'op', 'operator') });
      const called = await bob.modern(1, 'tools/call', { name: 'echo__secret', arguments: { a: 1 } });
      const { entries } = await operator.call('journal.read', { actions: ['tool.called'], limit: 100 });
      await operator.close();
      const record = entries.find(({ principal }) => principal === 'bob');
      const hashed = (of: unknown): boolean => typeof of === 'string' && /^[0-9a-f]{64}$/.test(of);
      for (const one of [ada, adaAll, adaOwn, bob, bobOwn]) one.close();
      expect({
        leaked: seen.filter(({ text }) => text.includes('secret')).length,
        call: await call(ada, 'echo__secret'),
        setNotForAda: (await adaOwn.modern(1, 'tools/list')).status,
        ownSet: (await bobOwn.modern(1, 'tools/list')).text.includes('secret'),
        outsideOfSet: await call(bobOwn, 'echo__secret'),
        called: (called.body.result as { content: unknown }).content,
        journal: [record?.resource, hashed(record?.details?.arguments), hashed(record?.details?.result)],
      }).to.deep.equal({
        leaked: 0,
        call: await call(ada, 'echo__nothing'),
        setNotForAda: 404,
        ownSet: false,
        outsideOfSet: await call(bobOwn, 'echo__nothing'),
        called: [{ type: 'text', text: '{"a":1}' }],
        journal: ['tool/echo__secret', true, true],
      });
    } finally {
      await daemon.stop();
      await rm(folder, { recursive: true });
    }
  });
});

describe('a call at /mcp that waits for a human', () => {
  it('says so by progress to a client that wants it, of either era, until it is approved [MCP-189]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-mcp-'));
    const script = join(folder, 'echo.mjs');
    await writeFile(script, MCP_ECHO_SERVER);
    const daemon = await startTestDaemon({
      config: {
        plugins: { mcp: { config: { servers: { echo: { command: process.execPath, args: [script] } } } } },
        limits: { toolCalls: { approvalNoticeMs: 100 } },
        tools: { grants: [{ roles: ['agent'], tools: ['*'] }], approval: { tools: ['echo__echo'] } },
      },
    });
    const client = new McpClient(daemon.httpUrl, await keyFor(daemon, 'ada'));
    const operator = await connect({ url: daemon.url, token: await keyFor(daemon, 'op', 'operator') });
    const pending = async () => (await operator.call('tool.approvals', {})).entries[0];
    const params = (_meta: Record<string, unknown>) => ({ name: 'echo__echo', arguments: {}, _meta });
    const key = 'io.modelcontextprotocol/';
    const eras = {
      modern: (progress: object) =>
        client.post(
          {
            id: 1,
            method: 'tools/call',
            params: params({
              [`${key}protocolVersion`]: '2026-07-28',
              [`${key}clientCapabilities`]: {},
              ...progress,
            }),
          },
          { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': 'echo__echo' },
        ),
      legacy: (progress: object) => client.post({ id: 1, method: 'tools/call', params: params({ ...progress }) }),
    };
    const heard = async (call: Promise<{ readonly text: string }>) => {
      while ((await pending()) === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      const { approvalId = '' } = (await pending()) ?? {};
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await operator.call('tool.decide', { approvalId, decision: 'approve' });
      const { text } = await call;
      const said = [...text.matchAll(/^data: ?(\{.+)$/gm)].map(
        ([, one = '']) => JSON.parse(one) as { params?: { progressToken: string; progress: number; message: string } },
      );
      const notices = said.flatMap(({ params: told }) => (told === undefined ? [] : [told]));
      return {
        more: notices.length > 1,
        tokens: [...new Set(notices.map(({ progressToken }) => progressToken))],
        rises: notices.every(({ progress }, i) => progress > (notices[i - 1]?.progress ?? 0)),
        about: notices.every(({ message }) => message.startsWith(`waits for approval ${approvalId}, `)),
        answered: text.includes('"text":"{}"'),
      };
    };
    try {
      await untilListed(client, 'echo__echo');
      const got = [await heard(eras.modern({ progressToken: 'm' })), await heard(eras.modern({}))];
      await client.initialize();
      got.push(await heard(eras.legacy({ progressToken: 'l' })), await heard(eras.legacy({})));
      const told = { rises: true, about: true, answered: true };
      expect(got).to.deep.equal([
        { more: true, tokens: ['m'], ...told },
        { more: false, tokens: [], ...told },
        { more: true, tokens: ['l'], ...told },
        { more: false, tokens: [], ...told },
      ]);
    } finally {
      client.close();
      await operator.close();
      await daemon.stop();
      await rm(folder, { recursive: true });
    }
  });
});
