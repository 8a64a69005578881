import { expect } from 'chai';
import type { JsonObject } from '../../src/upstream/json.js';
import {
  connectLegacy,
  EventReader,
  HEADERS,
  modern,
  modernHeaders,
  modernMeta,
  open,
  send,
  startGateway,
} from './gateway-under-test.js';

const SERVER = {
  'io.modelcontextprotocol/serverInfo': { name: 'ai-orchestrator', title: 'AI Orchestrator', version: '1.2.3' },
};
const ECHO = {
  name: 'echo',
  description: 'Says it again.',
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string' }, region: { type: 'string', 'x-mcp-header': 'Region' } },
  },
  call: ({ arguments: given }: { arguments: object }) => ({
    kind: 'result' as const,
    result: { content: [{ type: 'text', text: JSON.stringify(given) }] },
  }),
};

describe('/mcp, revision 2026-07-28', () => {
  it('says what it speaks and can, lists tools by name and calls them [MCP-42]', async () => {
    const gateway = await startGateway({ tools: [ECHO, { name: 'add' }] });
    try {
      const [discovered, listed, called] = await Promise.all([
        modern(gateway, 'server/discover', {}, { id: 'd' }),
        modern(gateway, 'tools/list', {}, { id: 0 }),
        modern(gateway, 'tools/call', { name: 'echo', arguments: { text: 'hi' } }, { id: 2 }),
      ]);
      const { inputSchema, description } = ECHO;
      expect([discovered.body, listed.body, called.body]).to.deep.equal([
        {
          jsonrpc: '2.0',
          id: 'd',
          result: {
            supportedVersions: ['2026-07-28'],
            capabilities: { tools: { listChanged: true } },
            ttlMs: 30_000,
            cacheScope: 'private',
            resultType: 'complete',
            _meta: SERVER,
          },
        },
        {
          jsonrpc: '2.0',
          id: 0,
          result: {
            tools: [
              { name: 'add', inputSchema: { type: 'object' } },
              { name: 'echo', description, inputSchema },
            ],
            ttlMs: 30_000,
            cacheScope: 'private',
            resultType: 'complete',
            _meta: SERVER,
          },
        },
        {
          jsonrpc: '2.0',
          id: 2,
          result: { content: [{ type: 'text', text: '{"text":"hi"}' }], resultType: 'complete', _meta: SERVER },
        },
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('refuses a request whose _meta or headers are not whole, with the code of the specification [MCP-43]', async () => {
    const gateway = await startGateway({ tools: [ECHO] });
    const params = { name: 'echo', arguments: { text: 'hi' } };
    const post = async (headers: Record<string, string>, _meta: object | undefined, more: object = {}) => {
      const body = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { ...params, ...more, _meta } };
      const answer = await send(gateway, 'POST', '/mcp', headers, body);
      return [answer.status, answer.body.id, (answer.body.error as { code: number } | undefined)?.code];
    };
    const whole = modernHeaders('tools/call', 'echo');
    const without = (name: string) => Object.fromEntries(Object.entries(whole).filter(([header]) => header !== name));
    const key = 'io.modelcontextprotocol/';
    try {
      expect({
        whole: await post(whole, modernMeta()),
        noMeta: await post(whole, undefined),
        noVersion: await post(whole, { [`${key}clientCapabilities`]: {} }),
        noCapabilities: await post(whole, { [`${key}protocolVersion`]: '2026-07-28' }),
        badLevel: await post(whole, modernMeta({}, { [`${key}logLevel`]: 'loud' })),
        noVersionHeader: await post(without('mcp-protocol-version'), modernMeta()),
        otherVersionHeader: await post({ ...whole, 'mcp-protocol-version': '2025-11-25' }, modernMeta()),
        noMethod: await post(without('mcp-method'), modernMeta()),
        otherMethod: await post({ ...whole, 'mcp-method': 'tools/list' }, modernMeta()),
        noName: await post(without('mcp-name'), modernMeta()),
        otherName: await post({ ...whole, 'mcp-name': 'Echo' }, modernMeta()),
        encodedName: await post({ ...whole, 'mcp-name': '=?base64?ZWNobw==?=' }, modernMeta()),
        badEncoding: await post({ ...whole, 'mcp-name': '=?base64?*?=' }, modernMeta()),
        noParam: await post(whole, modernMeta(), { arguments: { region: 'eu' } }),
        param: await post({ ...whole, 'mcp-param-region': 'eu' }, modernMeta(), { arguments: { region: 'eu' } }),
        otherParam: await post({ ...whole, 'mcp-param-region': 'us' }, modernMeta(), { arguments: { region: 'eu' } }),
        strayParam: await post({ ...whole, 'mcp-param-region': 'us' }, modernMeta()),
        unknownParam: await post({ ...whole, 'mcp-param-other': 'x' }, modernMeta()),
      }).to.deep.equal({
        whole: [200, 7, undefined],
        noMeta: [400, 7, -32602],
        noVersion: [400, 7, -32602],
        noCapabilities: [400, 7, -32602],
        badLevel: [400, 7, -32602],
        noVersionHeader: [400, 7, -32020],
        otherVersionHeader: [400, 7, -32020],
        noMethod: [400, 7, -32020],
        otherMethod: [400, 7, -32020],
        noName: [400, 7, -32020],
        otherName: [400, 7, -32020],
        encodedName: [200, 7, undefined],
        badEncoding: [400, 7, -32020],
        noParam: [400, 7, -32020],
        param: [200, 7, undefined],
        otherParam: [400, 7, -32020],
        strayParam: [400, 7, -32020],
        unknownParam: [200, 7, undefined],
      });
    } finally {
      await gateway.stop();
    }
  });

  it('answers unknown versions, methods and HTTP methods as specified [MCP-44]', async () => {
    const gateway = await startGateway();
    const future = {
      ...modernMeta(),
      'io.modelcontextprotocol/protocolVersion': '2099-01-01',
    };
    const asked = async (headers: Record<string, string>, method: string, _meta: object) => {
      const answer = await send(gateway, 'POST', '/mcp', headers, { jsonrpc: '2.0', id: 1, method, params: { _meta } });
      return [answer.status, answer.body.error];
    };
    const bare = async (method: string) => {
      const answer = await send(gateway, method, '/mcp', { accept: 'text/event-stream' });
      return [answer.status, answer.headers.allow];
    };
    const raw = async (headers: Record<string, string>, text: string) => {
      const answer = await send(gateway, 'POST', '/mcp', headers, text);
      return [answer.status, (answer.body.error as { code: number }).code];
    };
    const headers = { ...modernHeaders('server/discover'), 'mcp-protocol-version': '2099-01-01' };
    try {
      expect({
        version: await asked(headers, 'server/discover', future),
        method: await asked(modernHeaders('no/such'), 'no/such', modernMeta()),
        ping: await asked(modernHeaders('ping'), 'ping', modernMeta()),
        get: await bare('GET'),
        delete: await bare('DELETE'),
        json: await raw(HEADERS, '{'),
        nullId: await raw(HEADERS, '{"jsonrpc":"2.0","id":null,"method":"tools/list"}'),
        type: await raw({ ...HEADERS, 'content-type': 'text/plain' }, '{}'),
        deep: await raw(
          HEADERS,
          `{"jsonrpc":"2.0","id":1,"method":"x","params":${'{"a":'.repeat(70)}1${'}'.repeat(70)}}`,
        ),
        notification: (await send(gateway, 'POST', '/mcp', modernHeaders('x'), { jsonrpc: '2.0', method: 'x' })).status,
      }).to.deep.equal({
        version: [
          400,
          {
            code: -32022,
            message: 'Unsupported protocol version',
            data: { supported: ['2026-07-28'], requested: '2099-01-01' },
          },
        ],
        method: [404, { code: -32601, message: 'Method not found: no/such' }],
        ping: [404, { code: -32601, message: 'Method not found: ping' }],
        get: [405, 'POST'],
        delete: [405, 'POST'],
        json: [400, -32700],
        nullId: [400, -32600],
        type: [415, -32000],
        deep: [400, -32600],
        notification: 202,
      });
    } finally {
      await gateway.stop();
    }
  });

  it('streams progress and the log messages that were asked for, and nothing is buffered on the way [MCP-45]', async () => {
    const gateway = await startGateway({
      tools: [
        {
          name: 'slow',
          call: ({ exchange }) => {
            exchange?.progress?.({ progress: 1, total: 2, message: 'half' });
            exchange?.notify?.('notifications/message', { level: 'debug', data: 'quiet' });
            exchange?.notify?.('notifications/message', { level: 'error', data: 'loud' });
            return { kind: 'result', result: { content: [] } };
          },
        },
      ],
    });
    try {
      const level = { 'io.modelcontextprotocol/logLevel': 'warning' };
      const streamed = await modern(
        gateway,
        'tools/call',
        { name: 'slow' },
        { meta: { progressToken: 'p', ...level } },
      );
      const plain = await modern(gateway, 'tools/call', { name: 'slow' });
      expect([
        streamed.headers['content-type'],
        streamed.headers['x-accel-buffering'],
        streamed.events.map(({ data }) => JSON.parse(data) as unknown),
        plain.headers['content-type'],
      ]).to.deep.equal([
        'text/event-stream',
        'no',
        [
          {
            jsonrpc: '2.0',
            method: 'notifications/progress',
            params: { progressToken: 'p', progress: 1, total: 2, message: 'half' },
          },
          { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'error', data: 'loud' } },
          { jsonrpc: '2.0', id: 1, result: { content: [], resultType: 'complete', _meta: SERVER } },
        ],
        'application/json',
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('cancels a call whose client closes the connection, streaming or not [MCP-46]', async () => {
    const reasons: unknown[] = [];
    let canceled: () => void = () => undefined;
    let begun: () => void = () => undefined;
    const gateway = await startGateway({
      tools: [
        {
          name: 'wait',
          call: ({ signal, exchange }) => {
            begun();
            exchange?.progress?.({ progress: 0 });
            return new Promise((_resolve, reject) =>
              signal?.addEventListener('abort', () => {
                reasons.push(signal.reason);
                canceled();
                reject(new Error('canceled'));
              }),
            );
          },
        },
      ],
    });
    try {
      for (const meta of [modernMeta({}, { progressToken: 1 }), modernMeta()]) {
        const over = new Promise<void>((resolve) => (canceled = resolve));
        const inside = new Promise<void>((resolve) => (begun = resolve));
        const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'wait', _meta: meta } };
        if (meta.progressToken !== undefined) {
          const answer = await open(gateway, 'POST', '/mcp', modernHeaders('tools/call', 'wait'), body);
          await new EventReader(answer).until(1);
          answer.destroy();
        } else {
          const stop = new AbortController();
          const headers = modernHeaders('tools/call', 'wait');
          const asked = fetch(`${gateway.url}/mcp`, {
            method: 'POST',
            headers,
            body: JSON.stringify(body),
            signal: stop.signal,
          });
          await inside;
          stop.abort();
          await asked.catch(() => undefined);
        }
        await over;
      }
      expect(reasons).to.deep.equal(Array(2).fill('the client closed its connection'));
    } finally {
      await gateway.stop();
    }
  });

  it('tells tools that are not there and tools that are not for the caller apart from neither side [MCP-47]', async () => {
    const gateway = await startGateway({ tools: [{ name: 'secret', seenBy: ['root'] }] });
    try {
      const call = async (name: string) => {
        const { status, text } = await modern(gateway, 'tools/call', { name });
        return [status, text.replaceAll(name, 'NAME')];
      };
      const listed = await modern(gateway, 'tools/list');
      const rooted = await modern(gateway, 'tools/list', {}, { as: 'root' });
      expect([await call('secret'), listed.text.includes('secret'), rooted.text.includes('secret')]).to.deep.equal([
        await call('nothing'),
        false,
        true,
      ]);
    } finally {
      await gateway.stop();
    }
  });
});

describe('/mcp/SET of a set that is searched', () => {
  it('lists tools to find, describe and call tools with, which show and do what the caller may [MCP-70]', async () => {
    const gateway = await startGateway({
      sets: [{ name: 'many', discovery: 'search' }],
      tools: [
        {
          name: 'git_log',
          description: 'History.',
          seenBy: ['ada'],
          call: () => ({ kind: 'result', result: { content: [{ type: 'text', text: 'log' }] } }),
        },
        { name: 'git_push', seenBy: ['root'] },
      ],
    });
    try {
      const call = async (name: string, given: JsonObject) => {
        const answer = await modern(gateway, 'tools/call', { name, arguments: given }, { path: '/mcp/many' });
        const result = answer.body.result as { content: { text: string }[]; isError?: boolean } | undefined;
        return result === undefined
          ? (answer.body.error as JsonObject).message
          : [result.isError, result.content[0]?.text];
      };
      const listed = (await modern(gateway, 'tools/list', {}, { path: '/mcp/many' })).body.result as {
        tools: JsonObject[];
      };
      const session = await connectLegacy(gateway, { path: '/mcp/many' });
      const toSession = (await session.call('tools/list')).body.result as { tools: JsonObject[] };
      const names = ({ tools }: { tools: JsonObject[] }) => tools.map(({ name }) => name);
      const hint = 'there is no such tool; find one with tool_search';
      expect({
        listed: [names(listed), names(toSession)],
        search: await call('tool_search', { query: 'git' }),
        describe: await call('tool_describe', { name: 'git_log' }),
        call: await call('tool_call', { name: 'git_log', arguments: {} }),
        direct: await call('git_log', {}),
        hidden: [await call('tool_describe', { name: 'git_push' }), await call('tool_call', { name: 'git_push' })],
        missing: [await call('tool_describe', { name: 'git_none' }), await call('tool_call', { name: 'git_none' })],
      }).to.deep.equal({
        listed: Array(2).fill(['tool_call', 'tool_describe', 'tool_search']),
        search: [undefined, '[{"name":"git_log","description":"History."}]'],
        describe: [undefined, '{"name":"git_log","description":"History.","inputSchema":{"type":"object"}}'],
        call: [undefined, 'log'],
        direct: [undefined, 'log'],
        hidden: [[true, hint], 'Unknown tool: git_push'],
        missing: [[true, hint], 'Unknown tool: git_none'],
      });
    } finally {
      await gateway.stop();
    }
  });
});
