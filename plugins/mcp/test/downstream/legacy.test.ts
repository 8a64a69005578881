import { expect } from 'chai';
import type { JsonObject } from '../../src/upstream/json.js';
import { eventually } from '../upstream/world.js';
import { connectLegacy, EventReader, HEADERS, send, startGateway, type TestTool } from './gateway-under-test.js';

const ECHO: TestTool = {
  name: 'echo',
  call: ({ arguments: given }) => ({
    kind: 'result',
    result: { content: [{ type: 'text', text: JSON.stringify(given) }], structuredContent: [1] },
  }),
};

/** A tool that runs until it is told. */
function gate() {
  let open: (text: string) => void = () => undefined;
  let opened = new Promise<string>((resolve) => (open = resolve));
  let entered: () => void = () => undefined;
  const inside = new Promise<void>((resolve) => (entered = resolve));
  const tool: TestTool = {
    name: 'gate',
    call: async ({ exchange, signal }) => {
      exchange?.progress?.({ progress: 1 });
      entered();
      const canceled = new Promise<string>((resolve) =>
        signal?.addEventListener('abort', () => resolve(`canceled: ${String(signal.reason)}`)),
      );
      const text = await Promise.race([opened, canceled]);
      return { kind: 'result', result: { content: [{ type: 'text', text }] } };
    },
  };
  return { tool, inside, open: (text: string) => open(text), reset: () => (opened = new Promise((r) => (open = r))) };
}

describe('/mcp, revisions with sessions', () => {
  it('opens a session in a revision that both know, lists and calls [MCP-48]', async () => {
    const gateway = await startGateway({
      tools: [
        ECHO,
        { name: 'odd', outputSchema: { type: 'array' } },
        { name: 'even', outputSchema: { type: 'object' } },
      ],
    });
    try {
      const client = await connectLegacy(gateway, { version: '2025-06-18' });
      const future = await connectLegacy(gateway, { version: '2025-12-31' });
      const listed = await client.call('tools/list');
      const called = await client.call('tools/call', { name: 'echo', arguments: { a: 1 } }, 'x');
      expect([
        client.initialized.body,
        /^[\x21-\x7e]+$/.test(client.session),
        (future.initialized.body.result as { protocolVersion: string }).protocolVersion,
        (await client.post({ method: 'notifications/initialized' })).status,
        (await client.call('ping')).body.result,
        listed.body.result,
        called.body,
      ]).to.deep.equal([
        {
          jsonrpc: '2.0',
          id: 'init',
          result: {
            protocolVersion: '2025-06-18',
            capabilities: { tools: { listChanged: true } },
            serverInfo: { name: 'ai-orchestrator', title: 'AI Orchestrator', version: '1.2.3' },
          },
        },
        true,
        '2025-11-25',
        202,
        {},
        {
          tools: [
            { name: 'echo', inputSchema: { type: 'object' } },
            { name: 'even', inputSchema: { type: 'object' }, outputSchema: { type: 'object' } },
            { name: 'odd', inputSchema: { type: 'object' } },
          ],
        },
        { jsonrpc: '2.0', id: 'x', result: { content: [{ type: 'text', text: '{"a":1}' }] } },
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('knows a session for its own principal and tool set alone, until it is ended [MCP-49]', async () => {
    const gateway = await startGateway({ sets: [{ name: 'coding', discovery: 'all' }] });
    try {
      const ada = await connectLegacy(gateway, { as: 'ada' });
      const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
      const status = async (headers: Record<string, string>, path = '/mcp') =>
        (await send(gateway, 'POST', path, headers, ping)).status;
      const without = Object.fromEntries(Object.entries(ada.headers).filter(([name]) => name !== 'mcp-session-id'));
      expect({
        own: await status(ada.headers),
        without: await status(without),
        unknown: await status({ ...ada.headers, 'mcp-session-id': 'x' }),
        anothers: await status({ ...ada.headers, authorization: 'Bearer bob' }),
        otherSet: await status(ada.headers, '/mcp/coding'),
        noSet: await status(ada.headers, '/mcp/none'),
        badVersion: await status({ ...ada.headers, 'mcp-protocol-version': '1999-01-01' }),
        deletedByAnother: (await send(gateway, 'DELETE', '/mcp', { ...ada.headers, authorization: 'Bearer bob' }))
          .status,
        deleted: (await ada.end()).status,
        after: await status(ada.headers),
        listen: (await send(gateway, 'GET', '/mcp', { ...ada.headers, accept: 'text/event-stream' })).status,
      }).to.deep.equal({
        own: 200,
        without: 400,
        unknown: 404,
        anothers: 404,
        otherSet: 404,
        noSet: 404,
        badVersion: 400,
        deletedByAnother: 404,
        deleted: 200,
        after: 404,
        listen: 404,
      });
    } finally {
      await gateway.stop();
    }
  });

  it('bounds the sessions of a principal: the one that idles longest ends, one that listens does not [MCP-50]', async () => {
    const gateway = await startGateway({ limits: { sessionsOfPrincipal: 2, sessions: 3 } });
    try {
      const first = await connectLegacy(gateway);
      const listening = await first.listen();
      const second = await connectLegacy(gateway);
      const third = await connectLegacy(gateway);
      const others = [await connectLegacy(gateway, { as: 'bob' }), await connectLegacy(gateway, { as: 'eve' })];
      expect([
        (await first.call('ping')).status,
        (await second.call('ping')).status,
        (await third.call('ping')).status,
        ...others.map(({ initialized }) => initialized.status),
        gateway.status().sessions,
      ]).to.deep.equal([200, 404, 200, 200, 503, { '2025-11-25': 3 }]);
      listening.destroy();
    } finally {
      await gateway.stop();
    }
  });

  it('ends sessions that idle, and those of a key that is revoked, with their streams [MCP-51]', async () => {
    const gateway = await startGateway({ limits: { sessionIdleMs: 1_500 } });
    try {
      const idle = await connectLegacy(gateway);
      const listening = await connectLegacy(gateway, { as: 'bob' });
      const stream = new EventReader(await listening.listen());
      await eventually('one has ended', () => gateway.status().sessions['2025-11-25'] === 1);
      const afterIdling = [(await idle.call('ping')).status, (await listening.call('ping')).status];
      gateway.revoke('key-bob');
      await stream.end();
      expect([afterIdling, (await listening.call('ping')).status, gateway.status().sessions]).to.deep.equal([
        [404, 200],
        404,
        {},
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('goes on with a session by a token that was renewed, until that one is no longer valid [MCP-51]', async () => {
    const gateway = await startGateway();
    try {
      const client = await connectLegacy(gateway, { as: 'ada~1000' });
      const ping = async (token: string) =>
        (
          await send(
            gateway,
            'POST',
            '/mcp',
            { ...client.headers, authorization: `Bearer ${token}` },
            { jsonrpc: '2.0', id: 1, method: 'ping' },
          )
        ).status;
      const renewed = [await ping('ada~2000'), await ping('ada~1000')];
      gateway.revoke('key-ada~1000');
      const after = await ping('ada~2000');
      gateway.revoke('key-ada~2000');
      expect([renewed, after, await ping('ada~2000')]).to.deep.equal([[200, 200], 200, 404]);
    } finally {
      await gateway.stop();
    }
  });

  it('goes on with a stream that broke, from the last event that the client has, and with none of another [MCP-52]', async () => {
    const { tool, inside, open } = gate();
    const gateway = await startGateway({ tools: [tool, ECHO] });
    try {
      const client = await connectLegacy(gateway);
      const message = { id: 5, method: 'tools/call', params: { name: 'gate', _meta: { progressToken: 't' } } };
      const answer = await client.open(message);
      const broken = new EventReader(answer);
      await inside;
      const [progress] = await broken.until(1);
      const { id: primed = '' } = broken.events[0] ?? {};
      answer.destroy();
      await client.call('tools/call', { name: 'echo', _meta: { progressToken: 'u' } }, 6);
      open('through');
      await new Promise((resolve) => setTimeout(resolve, 50));
      const resumed = new EventReader(await client.listen({ 'last-event-id': primed }));
      const messages = await resumed.end();
      const nothing = await send(gateway, 'GET', '/mcp', {
        ...client.headers,
        accept: 'text/event-stream',
        'last-event-id': '77-1',
      });
      const expected = [
        { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 't', progress: 1 } },
        { jsonrpc: '2.0', id: 5, result: { content: [{ type: 'text', text: 'through' }] } },
      ];
      expect([progress, messages, nothing.status]).to.deep.equal([expected[0], expected, 400]);
    } finally {
      await gateway.stop();
    }
  });

  it('cancels by notification, and only requests of the same session [MCP-53]', async () => {
    const { tool, inside, open } = gate();
    const gateway = await startGateway({ tools: [tool] });
    try {
      const [ada, bob] = [await connectLegacy(gateway), await connectLegacy(gateway, { as: 'bob' })];
      const called = ada.call('tools/call', { name: 'gate' }, 0);
      await inside;
      const params = { requestId: 0, reason: 'changed my mind' };
      await bob.post({ method: 'notifications/cancelled', params });
      await ada.post({ method: 'notifications/cancelled', params });
      const { body } = await called;
      open('');
      expect(body.result).to.deep.equal({ content: [{ type: 'text', text: 'canceled: changed my mind' }] });
    } finally {
      await gateway.stop();
    }
  });

  it('tells a session that listens of changes to what it sees, and of none to what it does not [MCP-54]', async () => {
    const world: { tools: TestTool[] } = { tools: [ECHO] };
    const gateway = await startGateway(world);
    try {
      const [ada, bob] = [await connectLegacy(gateway), await connectLegacy(gateway, { as: 'bob' })];
      const [toAda, toBob] = [new EventReader(await ada.listen()), new EventReader(await bob.listen())];
      const again = await send(gateway, 'GET', '/mcp', { ...ada.headers, accept: 'text/event-stream' });
      world.tools = [ECHO, { name: 'of-ada', seenBy: ['ada'] }];
      gateway.toolsChanged();
      gateway.toolsChanged();
      await toAda.until(1);
      world.tools = [];
      gateway.toolsChanged();
      const [told] = await toBob.until(1);
      gateway.drain();
      expect([again.status, await toAda.end(), await toBob.end()]).to.deep.equal([409, [told, told], [told]]);
      expect(told).to.deep.equal({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
    } finally {
      await gateway.stop();
    }
  });

  it('tells log messages of no request to sessions that asked for their level and may use the server [MCP-170]', async () => {
    const gateway = await startGateway({
      upstreams: [{ id: 'files' }, { id: 'mail' }],
      strangers: new Set(['eve']),
      limits: { logsPerSecond: 3 },
    });
    try {
      const heard = async (as: string, level?: string) => {
        const client = await connectLegacy(gateway, { as });
        const stream = new EventReader(await client.listen());
        if (level !== undefined) await client.call('logging/setLevel', { level });
        return stream;
      };
      const streams = {
        ada: await heard('ada', 'info'),
        strict: await heard('ada', 'error'),
        silent: await heard('ada'),
        bob: await heard('bob', 'debug'),
        eve: await heard('eve', 'debug'),
      };
      const log = (level: string, data: string, caller?: string) =>
        gateway.logged({ server: 'files', params: { level, data }, ...(caller !== undefined && { caller }) });
      log('debug', 'a');
      log('error', 'b');
      log('info', 'c', 'ada');
      log('info', 'd', 'bob');
      gateway.logged({ server: 'gone', params: { level: 'error', data: 'x' } });
      for (const data of ['e', 'f', 'g']) log('info', data);
      gateway.logged({ server: 'mail', params: { level: 'error', data: 'h' } });
      gateway.drain();
      const told = Object.entries(streams).map(async ([name, stream]) => [
        name,
        (await stream.end()).map(({ params }) => (params as JsonObject).data),
      ]);
      expect(Object.fromEntries((await Promise.all(told)) as [string, unknown][])).to.deep.equal({
        ada: ['b', 'c', 'e', 'h'],
        strict: ['b', 'h'],
        silent: [],
        bob: ['a', 'b', 'd', 'h'],
        eve: [],
      });
      // What has no id is not kept, and drives out nothing that is.
      expect(streams.ada.events.map(({ id }) => id !== undefined)).to.deep.equal([true, false, false, false, false]);
    } finally {
      await gateway.stop();
    }
  });

  it('answers a batch in the one revision that has them, and refuses it in others [MCP-55]', async () => {
    const gateway = await startGateway({ tools: [ECHO], limits: { batch: 5 } });
    try {
      const old = await connectLegacy(gateway, { version: '2025-03-26' });
      const later = await connectLegacy(gateway, { version: '2025-06-18' });
      const ping = { jsonrpc: '2.0', id: 'p', method: 'ping' };
      const batch = async (headers: Record<string, string>, messages: readonly object[]) => {
        const { status, text } = await send(gateway, 'POST', '/mcp', headers, messages);
        return [status, text === '' ? undefined : (JSON.parse(text) as unknown)];
      };
      const [status, answers] = await batch(old.headers, [
        ping,
        { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'echo', arguments: {} } },
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        { id: 3 },
      ]);
      const sorted = [...(answers as { id: string | number }[])].sort((x, y) => (String(x.id) < String(y.id) ? -1 : 1));
      const message = 'Invalid Request: a message is an object with "jsonrpc": "2.0"';
      expect([
        status,
        sorted,
        await batch(old.headers, [{ jsonrpc: '2.0', method: 'notifications/initialized' }]),
        (await batch(old.headers, []))[0],
        (await batch(old.headers, Array(6).fill(ping)))[0],
        (await batch(later.headers, [ping]))[0],
        (await batch(HEADERS, [ping]))[0],
      ]).to.deep.equal([
        200,
        [
          { jsonrpc: '2.0', id: 2, result: { content: [{ type: 'text', text: '{}' }] } },
          { jsonrpc: '2.0', id: 3, error: { code: -32600, message } },
          { jsonrpc: '2.0', id: 'p', result: {} },
        ],
        [202, undefined],
        400,
        400,
        400,
        400,
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('subscribes to resources and passes their updates to the session that asked [MCP-56]', async () => {
    const listeners = new Map<string, (params: { uri: string }) => void>();
    const gateway = await startGateway({
      upstreams: [
        {
          id: 'files',
          capabilities: { resources: { subscribe: true } },
          resources: [{ uri: 'file:///a', name: 'a' }],
          subscribeResource: (uri, listener) => {
            listeners.set(uri, listener);
            return Promise.resolve(() => {
              listeners.delete(uri);
              return Promise.resolve();
            });
          },
        },
      ],
    });
    try {
      const [ada, stranger] = [await connectLegacy(gateway), await connectLegacy(gateway, { as: 'stranger' })];
      const stream = new EventReader(await ada.listen());
      const subscribed = await ada.call('resources/subscribe', { uri: 'file:///a' });
      const refused = await stranger.call('resources/subscribe', { uri: 'file:///a' });
      listeners.get('file:///a')?.({ uri: 'file:///a' });
      const [updated] = await stream.until(1);
      await ada.call('resources/unsubscribe', { uri: 'file:///a' });
      expect([
        subscribed.body.result,
        (refused.body.error as { code: number }).code,
        updated,
        listeners.size,
      ]).to.deep.equal([
        {},
        -32002,
        { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'file:///a' } },
        0,
      ]);
    } finally {
      await gateway.stop();
    }
  });
});
