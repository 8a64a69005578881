import { expect } from 'chai';
import { textOf } from '../../src/downstream/members.js';
import type { JsonObject } from '../../src/upstream/json.js';
import { eventually } from '../upstream/world.js';
import {
  connectLegacy,
  EventReader,
  modern,
  modernHeaders,
  modernMeta,
  open,
  startGateway,
  type Answered,
  type TestUpstream,
} from './gateway-under-test.js';

/** Answers with what it was asked. */
function upstream(id: string, more: Partial<TestUpstream> = {}): TestUpstream {
  return {
    id,
    prefix: `${id}__`,
    capabilities: { prompts: {}, resources: { subscribe: true }, completions: {} },
    instructions: `Use ${id}.`,
    prompts: [{ name: 'greet', title: id }],
    resources: [
      { uri: `${id}://one`, name: 'one' },
      { uri: 'shared://x', name: id },
    ],
    resourceTemplates: [{ uriTemplate: `${id}://{path}/end`, name: 't' }],
    answer: (method, params) =>
      Promise.resolve({
        kind: 'result',
        result: { said: `${id} ${method} ${JSON.stringify(params)}`, ttlMs: 5, cacheScope: 'public' },
      }),
    ...more,
  };
}

const names = (body: JsonObject, member: string, key: string): unknown[] =>
  ((body.result as JsonObject)[member] as JsonObject[]).map((one) => one[key]);
const said = ({ body }: Answered): unknown =>
  (body.result as JsonObject | undefined)?.said ?? (body.error as JsonObject).code;

describe('what several upstreams have', () => {
  it('is one offer: names with the prefix of their upstream, URIs of the first that has them, instructions joined [MCP-62]', async () => {
    const gateway = await startGateway({ upstreams: [upstream('b'), upstream('a', { prefix: '' })] });
    try {
      const client = await connectLegacy(gateway);
      const { capabilities, instructions } = client.initialized.body.result as JsonObject;
      const lists = await Promise.all([
        client.call('prompts/list', {}, 1),
        client.call('resources/list', {}, 2),
        client.call('resources/templates/list', {}, 3),
      ]);
      expect({
        capabilities,
        instructions,
        prompts: names(lists[0].body, 'prompts', 'name'),
        resources: names(lists[1].body, 'resources', 'uri'),
        shared: names(lists[1].body, 'resources', 'name'),
        templates: names(lists[2].body, 'resourceTemplates', 'uriTemplate'),
      }).to.deep.equal({
        capabilities: {
          tools: { listChanged: true },
          prompts: { listChanged: true },
          resources: { listChanged: true, subscribe: true },
          completions: {},
        },
        instructions: '## a\nUse a.\n\n## b\nUse b.',
        prompts: ['greet', 'b__greet'],
        resources: ['a://one', 'shared://x', 'b://one'],
        shared: ['one', 'a', 'one'],
        templates: ['a://{path}/end', 'b://{path}/end'],
      });
    } finally {
      await gateway.stop();
    }
  });

  it('is asked of whose it is, by its own names, in both eras [MCP-63]', async () => {
    const gateway = await startGateway({ upstreams: [upstream('a'), upstream('b')] });
    try {
      const legacy = await connectLegacy(gateway);
      const asked = async (method: string, params: JsonObject) => [
        said(await legacy.call(method, params)),
        said(await modern(gateway, method, params)),
      ];
      const ref = { type: 'ref/prompt', name: 'b__greet' };
      const argument = { name: 'x', value: 'y' };
      const twice = (one: unknown) => [one, one];
      expect([
        await asked('prompts/get', { name: 'b__greet', arguments: { x: '1' } }),
        await asked('resources/read', { uri: 'b://one' }),
        await asked('resources/read', { uri: 'shared://x' }),
        await asked('resources/read', { uri: 'b://some/where/end' }),
        await asked('completion/complete', { ref, argument }),
        await asked('prompts/get', { name: 'c__greet' }),
      ]).to.deep.equal([
        twice('b prompts/get {"name":"greet","arguments":{"x":"1"}}'),
        twice('b resources/read {"uri":"b://one"}'),
        twice('a resources/read {"uri":"shared://x"}'),
        twice('b resources/read {"uri":"b://some/where/end"}'),
        twice('b completion/complete {"ref":{"type":"ref/prompt","name":"greet"},"argument":{"name":"x","value":"y"}}'),
        twice(-32602),
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('is hidden from whom no provider was given: in lists, instructions, requests and completion [MCP-64]', async () => {
    const gateway = await startGateway({ upstreams: [upstream('a')] });
    try {
      const client = await connectLegacy(gateway, { as: 'stranger' });
      const ref = { type: 'ref/prompt', name: 'a__greet' };
      const answers = [
        client.initialized,
        await client.call('prompts/list'),
        await client.call('resources/list'),
        await client.call('resources/templates/list'),
        await client.call('prompts/get', { name: 'a__greet' }),
        await client.call('resources/read', { uri: 'a://one' }),
        await client.call('completion/complete', { ref, argument: { name: 'x', value: '' } }),
      ];
      const unknown = await client.call('prompts/get', { name: 'a__other' });
      expect([
        answers.slice(1).map(({ body }) => body.result ?? (body.error as JsonObject).code),
        answers.some(({ text }) => text.includes('Use a') || text.includes('"title":"a"')),
        answers[4]?.text.replaceAll('greet', 'other'),
      ]).to.deep.equal([
        [{ prompts: [] }, { resources: [] }, { resourceTemplates: [] }, -32602, -32602, -32602],
        false,
        unknown.text,
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('is labelled for its caller alone, whatever an upstream says, and comes in pages [MCP-65]', async () => {
    const prompts = ['p1', 'p2', 'p3'].map((name) => ({ name }));
    const gateway = await startGateway({
      upstreams: [upstream('a', { prefix: '', prompts })],
      limits: { pageSize: 2, listTtlMs: 3 },
    });
    try {
      const read = (await modern(gateway, 'resources/read', { uri: 'a://one' })).body.result as JsonObject;
      const first = (await modern(gateway, 'prompts/list')).body.result as JsonObject;
      const cursor = first.nextCursor ?? '';
      const second = (await modern(gateway, 'prompts/list', { cursor })).body.result as JsonObject;
      const lost = await Promise.all(
        ['nowhere', `${textOf(cursor)}=`, '', 5].map(async (wrong) => {
          const { body } = await modern(gateway, 'prompts/list', { cursor: wrong });
          const tools = await modern(gateway, 'tools/list', { cursor: wrong });
          return [(body.error as JsonObject).code, (tools.body.error as JsonObject).code];
        }),
      );
      expect([
        [read.ttlMs, read.cacheScope],
        [first.prompts, first.ttlMs, first.cacheScope],
        [second.prompts, second.nextCursor],
        lost,
      ]).to.deep.equal([
        [3, 'private'],
        [[{ name: 'p1' }, { name: 'p2' }], 3, 'private'],
        [[{ name: 'p3' }], undefined],
        Array(4).fill([-32602, -32602]),
      ]);
    } finally {
      await gateway.stop();
    }
  });
});

describe('subscriptions/listen', () => {
  const listen = async (gateway: { port: number }, notifications: JsonObject, id: string | number = 'L', as = 'ada') =>
    new EventReader(
      await open(
        gateway,
        'POST',
        '/mcp',
        { ...modernHeaders('subscriptions/listen'), authorization: `Bearer ${as}` },
        { jsonrpc: '2.0', id, method: 'subscriptions/listen', params: { _meta: modernMeta(), notifications } },
      ),
    );

  it('acknowledges what it honours, tags what it says, and ends with a result when the gateway goes away [MCP-66]', async () => {
    const updates = new Map<string, (params: JsonObject) => void>();
    const world = { tools: [{ name: 'a' }] };
    const gateway = await startGateway({
      ...world,
      get tools() {
        return world.tools;
      },
      upstreams: [
        upstream('u', {
          subscribeResource: (uri, listener) => {
            if (uri !== 'u://one') return Promise.reject(new Error('cannot'));
            updates.set(uri, listener);
            return Promise.resolve(() => {
              updates.delete(uri);
              return Promise.resolve();
            });
          },
        }),
      ],
    });
    try {
      const stream = await listen(gateway, {
        toolsListChanged: true,
        resourceSubscriptions: ['u://one', 'u://other', 5],
        other: true,
      });
      await stream.until(1);
      world.tools = [{ name: 'a' }, { name: 'b' }];
      gateway.toolsChanged();
      await stream.until(2);
      updates.get('u://one')?.({ uri: 'u://one' });
      await stream.until(3);
      gateway.drain();
      const messages = await stream.end();
      const _meta = { 'io.modelcontextprotocol/subscriptionId': 'L' };
      expect([
        messages.slice(0, 3),
        (messages[3]?.result as JsonObject).resultType,
        messages[3]?.id,
        updates.size,
      ]).to.deep.equal([
        [
          {
            jsonrpc: '2.0',
            method: 'notifications/subscriptions/acknowledged',
            params: { _meta, notifications: { toolsListChanged: true, resourceSubscriptions: ['u://one'] } },
          },
          { jsonrpc: '2.0', method: 'notifications/tools/list_changed', params: { _meta } },
          { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'u://one', _meta } },
        ],
        'complete',
        'L',
        0,
      ]);
    } finally {
      await gateway.stop();
    }
  });

  it('is not told of any more to whom a provider was taken from [MCP-64]', async () => {
    const updates = new Set<(params: JsonObject) => void>();
    const strangers = new Set<string>();
    const subscribeResource: TestUpstream['subscribeResource'] = (_uri, listener) => {
      updates.add(listener);
      return Promise.resolve(() => Promise.resolve(void updates.delete(listener)));
    };
    const gateway = await startGateway({ strangers, upstreams: [upstream('u', { subscribeResource })] });
    try {
      const legacy = await connectLegacy(gateway);
      const old = new EventReader(await legacy.listen());
      await legacy.call('resources/subscribe', { uri: 'u://one' });
      const young = await listen(gateway, { resourceSubscriptions: ['u://one'] });
      await young.until(1);
      const update = () => [...updates].forEach((listener) => listener({ uri: 'u://one' }));
      update();
      await Promise.all([old.until(1), young.until(2)]);
      const before = updates.size;
      strangers.add('ada');
      update();
      await eventually('nobody is told any more', () => updates.size === 0);
      gateway.drain();
      const [heardByOld, heardByYoung] = [await old.end(), await young.end()];
      // The last that a listening stream says is its result.
      expect([before, heardByOld.length, heardByYoung.length]).to.deep.equal([2, 1, 3]);
    } finally {
      await gateway.stop();
    }
  });

  it('is bounded for each principal, and over when its client leaves or its key is revoked [MCP-67]', async () => {
    const gateway = await startGateway({ limits: { listenersOfPrincipal: 2 } });
    try {
      const first = await listen(gateway, { toolsListChanged: true }, 1);
      const second = await listen(gateway, { toolsListChanged: true }, 1);
      await Promise.all([first.until(1), second.until(1)]);
      const third = await modern(gateway, 'subscriptions/listen', { notifications: {} });
      first.answer.destroy();
      await eventually('one is left', () => gateway.status().listeners !== 2);
      gateway.revoke('key-ada');
      const ended = await second.end();
      expect([(third.body.error as JsonObject).code, ended.at(-1)?.id, gateway.status().listeners]).to.deep.equal([
        1003, 1, 0,
      ]);
    } finally {
      await gateway.stop();
    }
  });
});

describe('a client that does not read', () => {
  it('is cut off, however much is said to it [MCP-68]', async () => {
    const text = 'x'.repeat(10_000);
    let said = 0;
    const gateway = await startGateway({
      limits: { pendingBytes: 100_000 },
      tools: [
        {
          name: 'flood',
          call: async ({ exchange, signal }) => {
            while (signal?.aborted !== true && said < 100_000) {
              exchange?.progress?.({ progress: ++said, message: text });
              if (said % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
            }
            return { kind: 'result', result: { content: [] } };
          },
        },
      ],
    });
    try {
      const params = { name: 'flood', _meta: modernMeta({}, { progressToken: 1 }) };
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
      const answer = await open(gateway, 'POST', '/mcp', modernHeaders('tools/call', 'flood'), body);
      answer.pause();
      await new Promise<void>((resolve) => {
        const timer = setInterval(() => {
          const before = said;
          setTimeout(() => {
            if (said !== before) return;
            clearInterval(timer);
            resolve();
          }, 50);
        }, 100);
      });
      // What the kernel's buffers of both sides take is beside our bound.
      expect(said * text.length).to.be.lessThan(50_000_000);
    } finally {
      await gateway.stop();
    }
  });
});
