import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { hash } from 'node:crypto';
import { failure, principal } from '../../support/core.js';
import type { Commit, CommitResult } from '../../../src/store/store.js';
import { MemoryStore } from '../../support/memory-store.js';
import { settled } from '../../support/manual-time.js';
import { ALL, callWorld, text, tool } from './call-world.js';

const sha256 = (json: string): string => hash('sha256', json, 'hex');

describe('calling a tool', () => {
  it('is recorded with hashes of arguments and result before it is answered, whatever comes of it [TOOL-40]', async () => {
    const replies = [
      () => Promise.resolve(text('3')),
      () => Promise.resolve({ kind: 'result' as const, result: { content: [], isError: true } }),
      () => Promise.resolve({ kind: 'error' as const, code: -32000, message: 'no' }),
      () => Promise.reject(new OrchestratorError('unavailable', 'gone')),
    ];
    const world = await callWorld({
      tools: [tool('add')],
      invoke: () => (replies.shift() ?? replies[0])?.() ?? never(),
    });
    await world.call('add', { b: 2, a: 1 }, { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` });
    const afterFirst = await world.records();
    await world.call('add');
    await world.call('add');
    await failure(() => world.call('add'));
    const records = await world.records();

    const [first] = afterFirst;
    expect(first).to.deep.equal({
      action: 'tool.called',
      resource: 'tool/add',
      by: 'ada',
      outcome: 'ok',
      callId: world.invocations[0]?.callId,
      tool: 'add',
      version: '1.0.0',
      definition: world.catalogue.find(principal('ada'), 'add')?.hash,
      provider: 'plugin/test',
      arguments: sha256('{"a":1,"b":2}'),
      result: sha256('{"content":[{"text":"3","type":"text"}]}'),
      durationMs: 0,
    });
    expect(records.map(({ outcome }) => outcome)).to.deep.equal(['ok', 'failed', 'providerError', 'unavailable']);
  });

  it('is refused to who may see but not call, and the refusal is recorded [TOOL-41]', async () => {
    const world = await callWorld({ tools: [tool('add')], use: () => ({ ...ALL, call: false }) });
    const refused = await failure(() => world.call('add', { a: 1 }));
    const [record] = await world.records();

    expect(refused).to.deep.equal({ name: 'permission_denied', permission: 'tool:call', resource: 'tool/add' });
    expect({ ...record, callId: '', definition: '' }).to.deep.equal({
      action: 'tool.denied',
      resource: 'tool/add',
      by: 'ada',
      outcome: 'denied',
      callId: '',
      tool: 'add',
      version: '1.0.0',
      definition: '',
      provider: 'plugin/test',
      reason: 'not_callable',
      arguments: sha256('{"a":1}'),
    });
    expect(world.invocations).to.deep.equal([]);
  });

  it('tells who may not see it nothing, not even by what is recorded when [TOOL-41]', async () => {
    const world = await callWorld({ tools: [tool('secret')], use: () => ({ ...ALL, see: false }) });
    const hidden = await failure(() => world.call('secret'));
    const absent = await failure(() => world.call('absent'));
    const before = await world.records();
    await world.hidden.flush();
    const after = await world.records();

    expect({ ...hidden, resource: '' }).to.deep.equal({ ...absent, resource: '' });
    expect(before).to.deep.equal([]);
    expect(after).to.deep.equal(
      ['secret', 'absent'].map((name) => ({
        action: 'tool.denied',
        resource: `tool/${name}`,
        by: 'ada',
        outcome: 'denied',
        tool: name,
        reason: 'not_visible',
        count: 1,
      })),
    );
  });

  it('names the capabilities that the caller was not given [TOOL-42]', async () => {
    const world = await callWorld({
      tools: [tool('fetch', { capabilities: ['network', 'secrets:github', 'files'] })],
      use: () => ({ ...ALL, capabilities: new Set(['files']) }),
    });
    const refused = await failure(() => world.call('fetch'));
    const [record] = await world.records();

    const missing = ['network', 'secrets:github'];
    expect(refused).to.deep.equal({
      name: 'capability_missing',
      permission: 'tool:call',
      resource: 'tool/fetch',
      missing,
    });
    expect(record).to.include({ action: 'tool.denied', reason: 'capability' });
    expect(record).to.deep.include({ missing });
  });

  it('gives a capability to no arguments but those that its grant covers [TOOL-42]', async () => {
    const repo = (name: string) => ({ properties: { repo: { const: name } }, required: ['repo'] });
    const world = await callWorld({
      tools: [tool('push', { capabilities: ['network'] })],
      use: () => ({
        ...ALL,
        capabilities: new Set<string>(),
        anyArguments: false,
        covered: [
          { schema: repo('mine'), capabilities: new Set(['network']) },
          { schema: { properties: { repo: { type: 'string' } } }, capabilities: new Set<string>() },
        ],
      }),
    });
    const reply = await world.call('push', { repo: 'mine' });
    const refused = await failure(() => world.call('push', { repo: 'theirs' }));

    expect([reply, refused]).to.deep.equal([
      text('done'),
      { name: 'capability_missing', permission: 'tool:call', resource: 'tool/push', missing: ['network'] },
    ]);
  });

  it('keeps to what the grants say of arguments, and to what is forbidden [TOOL-43]', async () => {
    const under = (directory: string) => ({ properties: { path: { type: 'string', pattern: `^${directory}/` } } });
    const world = await callWorld({
      tools: [tool('read')],
      use: () => ({
        ...ALL,
        anyArguments: false,
        covered: [under('/srv'), under('/tmp')].map((schema) => ({ schema, capabilities: new Set<string>() })),
        noneOf: [under('/tmp/secret')],
      }),
    });
    await world.call('read', { path: '/srv/a' });
    await world.call('read', { path: '/tmp/a' });
    const outside = await failure(() => world.call('read', { path: '/etc/passwd' }));
    const forbidden = await failure(() => world.call('read', { path: '/tmp/secret/a' }));

    const denied = { name: 'permission_denied', permission: 'tool:call', resource: 'tool/read' };
    expect(outside).to.deep.equal({
      ...denied,
      issues: [{ path: '/arguments/path', message: 'must match pattern "^/tmp/"' }],
    });
    expect(forbidden).to.deep.equal({ ...denied, issues: [{ path: '/arguments', message: 'are forbidden' }] });
    expect((await world.records()).map(({ outcome }) => outcome)).to.deep.equal(['ok', 'ok', 'denied', 'denied']);
  });

  it('names the path of what is wrong with arguments, by the draft that the schema is written in [TOOL-44]', async () => {
    const inputSchema = {
      type: 'object',
      properties: { items: { type: 'array', items: { type: 'object', properties: { 'a/b': { type: 'integer' } } } } },
      required: ['items'],
      additionalProperties: false,
    };
    const old = {
      $schema: 'http://json-schema.org/draft-07/schema#',
      type: 'object',
      // A list of schemas by place, which 2020-12 writes otherwise.
      properties: { pair: { type: 'array', items: [{ type: 'string' }, { type: 'integer' }] } },
    };
    const world = await callWorld({ tools: [tool('new', { inputSchema }), tool('old', { inputSchema: old })] });
    const issues = async (name: string, args: object) => (await failure(() => world.call(name, args as never))).issues;

    expect([
      await issues('new', { items: [{ 'a/b': 1 }, { 'a/b': 'x' }] }),
      await issues('new', {}),
      await issues('new', { items: [], more: 1 }),
      await issues('old', { pair: ['a', 'b'] }),
    ]).to.deep.equal([
      [{ path: '/arguments/items/1/a~1b', message: 'must be integer' }],
      [{ path: '/arguments/items', message: 'is required' }],
      [{ path: '/arguments/more', message: 'is not known' }],
      [{ path: '/arguments/pair/1', message: 'must be integer' }],
    ]);
    expect(world.invocations).to.deep.equal([]);
    expect((await world.records()).map(({ outcome }) => outcome)).to.deep.equal(Array(4).fill('invalid_params'));
  });

  it('names the path of what is wrong with a result, unless the tool says that it failed [TOOL-45]', async () => {
    const results = [
      { content: [], structuredContent: { sum: 3 } },
      { content: [], structuredContent: { sum: '3' } },
      { content: [] },
      { content: [], isError: true },
    ];
    const outputSchema = { type: 'object', properties: { sum: { type: 'integer' } }, required: ['sum'] };
    const world = await callWorld({
      tools: [tool('add', { outputSchema })],
      invoke: () => Promise.resolve({ kind: 'result', result: results.shift() ?? never() }),
    });
    await world.call('add');
    const wrong = await failure(() => world.call('add'));
    const absent = await failure(() => world.call('add'));
    await world.call('add');

    const invalid = { name: 'tool_result_invalid', resource: 'tool/add', provider: 'plugin/test' };
    expect([wrong, absent]).to.deep.equal([
      { ...invalid, issues: [{ path: '/structuredContent/sum', message: 'must be integer' }] },
      { ...invalid, issues: [{ path: '/structuredContent', message: 'is required' }] },
    ]);
    expect((await world.records()).map(({ outcome }) => outcome)).to.deep.equal([
      'ok',
      'tool_result_invalid',
      'tool_result_invalid',
      'failed',
    ]);
  });

  it('leaves to its provider what cannot be checked in time that grows with the arguments [TOOL-46]', async () => {
    const inputSchema = {
      type: 'object',
      properties: { text: { type: 'string', pattern: '(a+)\\1$' }, child: { $ref: '#' } },
    };
    const world = await callWorld({ tools: [tool('odd', { inputSchema })] });
    expect(await world.call('odd', { text: 5 })).to.deep.equal(text('done'));
  });

  it('is not tried with a provider that failed several times in a row, until one call finds that it answers [TOOL-47]', async () => {
    let up = false;
    const world = await callWorld({
      tools: [tool('add')],
      limits: { breakerFailures: 2, breakerOpenMs: 1000 },
      invoke: () => (up ? Promise.resolve(text('3')) : Promise.reject(new OrchestratorError('unavailable', 'gone'))),
    });
    await failure(() => world.call('add'));
    await failure(() => world.call('add'));
    await world.time.advance(400);
    const resting = await failure(() => world.call('add'));
    const asked = world.invocations.length;
    await world.time.advance(600);
    up = true;
    await world.call('add');

    expect(resting).to.deep.equal({ name: 'unavailable', provider: 'plugin/test', retryAfterMs: 600 });
    expect(asked).to.equal(2);
    expect(world.calls.breakers.of('plugin/test').state).to.equal('closed');
  });

  it('does not count against a provider that answers an error or whose caller gives up [TOOL-47]', async () => {
    const world = await callWorld({
      tools: [tool('add')],
      limits: { breakerFailures: 1 },
      invoke: () => Promise.resolve({ kind: 'error', code: -32602, message: 'no' }),
    });
    await world.call('add');
    expect(world.calls.breakers.of('plugin/test').state).to.equal('closed');
  });

  it('does not count against a provider that its caller gives no time to answer [TOOL-47]', async () => {
    const world = await callWorld({ tools: [tool('slow')], invoke: () => new Promise(() => undefined) });
    const counted: number[] = [];
    for (const timeoutMs of [1, 4_999, 5_000]) {
      const waiting = failure(() => world.call('slow', {}, { timeoutMs }));
      await settled();
      await world.time.advance(timeoutMs);
      await waiting;
      counted.push(world.calls.breakers.of('plugin/test').failures);
    }
    expect(counted).to.deep.equal([0, 0, 1]);
  });

  it('ends when its time is over, and its provider is told [TOOL-49]', async () => {
    const world = await callWorld({
      tools: [tool('slow', { limits: { timeoutMs: 500 } })],
      invoke: () => new Promise(() => undefined),
    });
    const waiting = failure(() => world.call('slow', {}, { timeoutMs: 60_000 }));
    await settled();
    const { cancellation, signal, timeoutMs } = world.invocations[0] ?? never();
    await world.time.advance(500);

    expect(await waiting).to.deep.equal({ name: 'deadline_exceeded', provider: 'plugin/test' });
    const aborted = [cancellation.aborted, signal.aborted];
    expect({ aborted, timeoutMs }).to.deep.equal({ aborted: [true, true], timeoutMs: 500 });
    expect(world.calls.breakers.of('plugin/test').failures).to.equal(1);
    expect(world.calls.running()).to.deep.equal([]);
  });

  it('ends when its caller gives up, and its provider is told why [TOOL-50]', async () => {
    const world = await callWorld({ tools: [tool('slow')], invoke: () => new Promise(() => undefined) });
    const caller = new AbortController();
    const waiting = failure(() => world.call('slow', {}, { signal: caller.signal }));
    await settled();
    const { signal } = world.invocations[0] ?? never();
    caller.abort('enough');

    expect(await waiting).to.deep.equal({ name: 'canceled' });
    expect(String(signal.reason)).to.contain('enough');
    expect((await world.records()).map(({ outcome }) => outcome)).to.deep.equal(['canceled']);
    expect(world.calls.breakers.of('plugin/test').failures).to.equal(0);
  });

  it('waits its turn when a tool or a caller is at its bound, so many for so long [TOOL-51]', async () => {
    const open: ((reply: ReturnType<typeof text>) => void)[] = [];
    const world = await callWorld({
      tools: [tool('one', { limits: { concurrent: 1 } }), tool('other')],
      limits: { concurrentPerCaller: 2, queued: 2, queueMs: 1000 },
      invoke: () => new Promise((resolve) => open.push(resolve)),
    });
    const ended: string[] = [];
    const begin = (name: string, label: string, caller = 'ada'): Promise<unknown> =>
      world.call(name, { label }, {}, caller).then(
        () => ended.push(label),
        (error: unknown) => ended.push(`${label}: ${(error as OrchestratorError).errorName}`),
      );
    const first = begin('one', 'first');
    const second = begin('one', 'second');
    await settled();
    const asked = world.invocations.map(({ arguments: { label } }) => label);
    const third = begin('other', 'third');
    const fourth = begin('other', 'fourth');
    await settled();
    open[0]?.(text('1'));
    await Promise.all([first, fourth]);
    await settled();
    const then = world.invocations.map(({ arguments: { label } }) => label);
    const bobs = begin('one', 'bob', 'bob');
    await settled();
    await world.time.advance(1000);
    await bobs;
    for (const end of open.slice(1)) end(text('2'));
    await Promise.all([second, third]);

    expect(asked).to.deep.equal(['first']);
    expect(then).to.deep.equal(['first', 'second', 'third']);
    expect(ended).to.deep.equal(['fourth: too_many_pending', 'first', 'bob: too_many_pending', 'second', 'third']);
  });

  it('is answered by an earlier result of a pure tool for as long as that says [TOOL-52]', async () => {
    let count = 0;
    const world = await callWorld({
      tools: [tool('pure', { pure: { ttlMs: 1000 } }), tool('plain')],
      limits: { cachedResults: 2 },
      invoke: ({ arguments: { fail } }) =>
        Promise.resolve(
          fail === true ? { kind: 'result', result: { content: [], isError: true } } : text(String(++count)),
        ),
    });
    const said = async (name: string, args: object, caller?: string): Promise<unknown> => {
      const reply = await world.call(name, args as never, {}, caller);
      return reply.kind === 'result' ? (reply.result.content[0] as { text?: string } | undefined)?.text : undefined;
    };
    const seen = [
      await said('pure', { a: 1, b: 2 }),
      await said('pure', { b: 2, a: 1 }),
      await said('pure', { a: 1, b: 2 }, 'bob'),
      await said('plain', {}),
      await said('plain', {}),
      await said('pure', { fail: true }),
      await said('pure', { fail: true }),
    ];
    await world.time.advance(1000);
    seen.push(await said('pure', { a: 1, b: 2 }));
    for (const a of [2, 3]) await said('pure', { a });
    seen.push(await said('pure', { a: 1, b: 2 }));

    expect(seen).to.deep.equal(['1', '1', '2', '3', '4', undefined, undefined, '5', '8']);
    const records = await world.records();
    expect(records.map((record) => 'cached' in record)).to.deep.equal([false, true, ...Array<boolean>(9).fill(false)]);
    expect(records[1]).to.include({ by: 'ada', outcome: 'ok', result: (records[0] as { result?: string }).result });
  });

  it('does not outlive the work that it is made for, however long it waited for its turn [TOOL-49]', async () => {
    const world = await callWorld({
      tools: [tool('slow')],
      limits: { concurrentPerCaller: 1 },
      invoke: () => new Promise<never>(() => undefined),
    });
    const first = failure(() => world.call('slow', {}, { timeoutMs: 500 }));
    const deadline = world.time.monotonicMs() + 600;
    const origin = { id: 'm', agent: { id: 'a' }, hops: 0, deadline, traceparent: undefined, parent: undefined };
    const nested = failure(() => world.calls.call(principal('ada'), { name: 'slow', arguments: {} }, { origin }));
    await settled();
    await world.time.advance(500);
    await settled();
    const asked = world.invocations.length;
    await world.time.advance(100);
    await settled();
    const left = world.calls.running().length;

    expect({ asked, left }).to.deep.equal({ asked: 2, left: 0 });
    expect([(await first).name, (await nested).name]).to.deep.equal(['deadline_exceeded', 'deadline_exceeded']);
  });

  it('happens once for an idempotency key; with other arguments the key is a conflict [TOOL-53]', async () => {
    let count = 0;
    const world = await callWorld({ tools: [tool('pay')], invoke: () => Promise.resolve(text(String(++count))) });
    const key = { idempotencyKey: 'k1' };
    const first = await world.call('pay', { amount: 1 }, key);
    const again = await world.call('pay', { amount: 1 }, key);
    const other = await failure(() => world.call('pay', { amount: 2 }, key));
    const others = await world.call('pay', { amount: 1 }, key, 'bob');

    expect([first, again, others]).to.deep.equal([text('1'), text('1'), text('2')]);
    expect(other.name).to.equal('conflict');
  });

  it('is recorded and not made again also where its answer is too large to be kept under its key [TOOL-53]', async () => {
    class SmallStore extends MemoryStore {
      override async commit(commit: Commit): Promise<CommitResult> {
        if (JSON.stringify(commit).length > 10_000) throw new OrchestratorError('limit_exceeded', 'a large commit');
        return super.commit(commit);
      }
    }
    const world = await callWorld({
      tools: [tool('read')],
      store: new SmallStore(),
      invoke: () => Promise.resolve(text('x'.repeat(20_000))),
    });
    const reply = await world.call('read', {}, { idempotencyKey: 'k1' });
    const [recorded] = await world.records();
    const again = await failure(() => world.call('read', {}, { idempotencyKey: 'k1' }));

    expect(reply).to.deep.equal(text('x'.repeat(20_000)));
    expect(recorded).to.include({ action: 'tool.called', outcome: 'ok' });
    expect(again).to.deep.equal({ name: 'conflict', resource: `tool-call/${String(world.invocations[0]?.callId)}` });
    expect(world.invocations.length).to.equal(1);
  });

  it('is recorded also where its record with the answer cannot be written [TOOL-40]', async () => {
    class OnceFull extends MemoryStore {
      full = false;
      override async commit(commit: Commit): Promise<CommitResult> {
        if (!this.full) return super.commit(commit);
        this.full = false;
        throw new OrchestratorError('storage_full', 'a full disk');
      }
    }
    const store = new OnceFull();
    const world = await callWorld({
      tools: [tool('read')],
      store,
      invoke() {
        store.full = true;
        return Promise.resolve(text('done'));
      },
    });
    const failed = await failure(() => world.call('read', {}, { idempotencyKey: 'k1' }));

    expect(failed.name).to.equal('storage_full');
    expect((await world.records()).map(({ action, outcome }) => [action, outcome])).to.deep.equal([
      ['tool.called', 'storage_full'],
    ]);
  });

  it('is counted by provider and outcome, and by tool up to a bound [TOOL-71]', async () => {
    const world = await callWorld({
      tools: [tool('one'), tool('two')],
      limits: { breakerFailures: 1 },
      invoke: ({ tool: { name } }) =>
        name === 'one' ? Promise.resolve(text('1')) : Promise.reject(new OrchestratorError('unavailable', 'gone')),
    });
    await world.call('one');
    await world.call('one');
    await failure(() => world.call('two'));
    const samples = Object.fromEntries(
      world.instruments
        .snapshot()
        .map((each) => [
          each.name,
          each.samples.map((sample) => [...sample.labels, 'value' in sample ? sample.value : sample.counts.length > 0]),
        ]),
    );

    expect({
      calls: samples.orchestrator_tool_calls_total,
      uses: samples.orchestrator_tool_uses_total,
      breakers: samples.orchestrator_tool_provider_breaker,
      inFlight: samples.orchestrator_tool_calls_in_flight,
    }).to.deep.equal({
      calls: [
        ['plugin/test', 'ok', 2],
        ['plugin/test', 'unavailable', 1],
      ],
      uses: [
        ['one', 2],
        ['two', 1],
      ],
      breakers: [['plugin/test', 2]],
      inFlight: [[0]],
    });
  });
});

function never(): never {
  throw new Error('there is none');
}
