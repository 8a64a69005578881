import { expect } from 'chai';
import type { UpstreamLog } from '../../src/upstream/upstream.js';
import { LEGACY_SERVER } from './servers.js';
import { call, eventually, failure, textOf, world, type World } from './world.js';

/** Requests to the one server that are under way. */
const inFlight = ({ servers }: World): number | undefined => servers.status()[0]?.inFlight;

describe('a legacy MCP server over stdio', () => {
  it('is greeted by initialize after it did not know server/discover, and its listings are read page by page [MCP-01]', async () => {
    await using here = await world();
    const upstream = await here.ready('fixture', await here.script(LEGACY_SERVER));
    const offer = here.offers.get('mcp/fixture');
    await eventually('its tools are offered', () => offer?.available === true);
    const { era, protocolVersion, serverInfo, instructions, prompts, resources, resourceTemplates } = upstream;
    expect({
      ...{ era, protocolVersion, serverInfo, instructions, prompts, resources, resourceTemplates },
      tools: upstream.tools.map(({ name }) => name),
      offered: offer?.definitions.map(({ name }) => name),
    }).to.deep.equal({
      era: 'legacy',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 'fixture', version: '1.2.3' },
      instructions: 'be kind',
      prompts: [{ name: 'greet' }],
      resources: [{ uri: 'memo://1', name: 'one' }],
      resourceTemplates: [],
      tools: ['echo', 'fail', 'slow', 'ask', 'hang', 'die', 'grow', 'ticks'],
      offered: ['echo', 'fail', 'slow', 'ask', 'hang', 'die', 'grow', 'ticks'].map((name) => `fixture__${name}`),
    });
  });

  it('answers calls, its own errors as they are, with progress and log messages to who called [MCP-02]', async () => {
    await using here = await world();
    const upstream = await here.ready('fixture', await here.script(LEGACY_SERVER));
    const heard: unknown[] = [];
    const ticked = await call(
      upstream,
      'ticks',
      {},
      {
        progress: (progress) => heard.push(progress),
        notify: (method, params) => heard.push([method, params]),
      },
    );
    expect([
      textOf(await call(upstream, 'echo', { a: 1 })),
      textOf(await call(upstream, 'fail')),
      textOf(ticked),
      heard,
    ]).to.deep.equal([
      '{"a":1}',
      '-32042 no such luck',
      'ticked',
      [
        { progress: 1, total: 2 },
        { progress: 2, total: 2 },
        ['notifications/message', { level: 'info', data: 'ticked' }],
      ],
    ]);
  });

  it('is told of a cancellation, and of a call whose time is over [MCP-03]', async () => {
    await using here = await world();
    const upstream = await here.ready('fixture', await here.script(LEGACY_SERVER));
    const leaving = new AbortController();
    const slow = failure(call(upstream, 'slow', { ms: 30_000 }, { signal: leaving.signal }));
    leaving.abort('had enough');
    expect([
      await slow,
      await failure(call(upstream, 'slow', { ms: 30_000 }, { timeoutMs: 50 })),
      await failure(call(upstream, 'slow', { ms: 30_000 }, { timeoutMs: 50, endsBySignal: true })),
      textOf(await call(upstream, 'echo', {})),
      inFlight(here),
    ]).to.deep.equal([
      'Canceled: had enough',
      'Deadline exceeded: the server did not answer within 50 ms',
      'Deadline exceeded: the server did not answer within 50 ms',
      '{}',
      0,
    ]);
  });

  it('has nothing under way of a call that its caller, not we, sees to the time of [MCP-03]', async () => {
    await using here = await world();
    const upstream = await here.ready('fixture', await here.script(LEGACY_SERVER));
    const time = new AbortController();
    const options = { signal: time.signal, endsBySignal: true, timeoutMs: 1 };
    const hung = failure(call(upstream, 'hang', {}, options));
    await eventually('it is under way', () => inFlight(here) === 1);
    time.abort('its time is over');
    expect(await hung).to.equal('Canceled: its time is over');
    await eventually('it is not under way', () => inFlight(here) === 0);
  });

  it('asks who called, and nobody when it cannot be told whose call it is about [MCP-04]', async () => {
    await using here = await world();
    const upstream = await here.ready('fixture', await here.script(LEGACY_SERVER));
    const ask = (id: string) => ({
      caller: { id, kind: 'agent', roles: [], credentialId: id } as const,
      ask: (method: string) => Promise.resolve({ action: 'accept', content: { who: id, method } }),
    });
    const alone = textOf(await call(upstream, 'ask', {}, ask('ann')));
    const other = call(upstream, 'slow', { ms: 500 }, ask('bob'));
    const between = textOf(await call(upstream, 'ask', {}, ask('ann')));
    await other;
    const { caller } = ask('bob');
    const deaf = call(upstream, 'slow', { ms: 500 }, { caller });
    const besideDeaf = textOf(await call(upstream, 'ask', {}, ask('ann')));
    await deaf;
    const nobody = { code: -32601, message: 'nobody can be asked for elicitation/create now' };
    expect([alone, between, besideDeaf].map((text) => JSON.parse(text) as unknown)).to.deep.equal([
      { action: 'accept', content: { who: 'ann', method: 'elicitation/create' } },
      nobody,
      nobody,
    ]);
  });

  it('is heard outside of requests by all, then by the one caller it ever served, and by nobody after several [MCP-171]', async () => {
    await using here = await world();
    const env = { MUMBLES: 'yes' };
    const shared = await here.ready('shared', await here.script(LEGACY_SERVER, { env }));
    const own = await here.ready('own', await here.script(LEGACY_SERVER, { env, instances: 'per-caller' }));
    const followed = await here.ready('followed', await here.script(LEGACY_SERVER, { env }));
    const heard: UpstreamLog[] = [];
    here.servers.onLogged((log) => heard.push(log));
    const next = async (id: string) => {
      heard.length = 0;
      await eventually(`${id} was heard`, () => heard.some(({ server }) => server === id));
      return heard.find(({ server }) => server === id);
    };
    const as = (id: string) => ({ caller: { id, kind: 'agent', roles: [], credentialId: id } as const });
    const unserved = await next('shared');
    // A request that is over, by whatever end, may still be talked of.
    const leaving = new AbortController();
    const slow = failure(call(shared, 'slow', { ms: 30_000 }, { ...as('ann'), signal: leaving.signal }));
    leaving.abort();
    await slow;
    const ofOne = await next('shared');
    await call(shared, 'echo', {}, as('bob'));
    await call(own, 'echo', {}, as('ann'));
    const ofOwn = await next('own');
    await followed.subscribeResource('memo://1', () => undefined);
    heard.length = 0;
    // What they say meanwhile comes before these answers.
    await Promise.all([shared, followed].map((upstream) => call(upstream, 'slow', { ms: 200 }, as('bob'))));
    const params = { level: 'info', data: 'mumbled' };
    expect([unserved, ofOne, ofOwn, heard.filter(({ server }) => server !== 'own')]).to.deep.equal([
      { server: 'shared', params },
      { server: 'shared', params, caller: 'ann' },
      { server: 'own', params, caller: 'ann' },
      [],
    ]);
  });

  it('has its listing read again when it says that it changed [MCP-05]', async () => {
    await using here = await world();
    const upstream = await here.ready('fixture', await here.script(LEGACY_SERVER));
    const changes: string[] = [];
    upstream.onChanged((what) => changes.push(what));
    await call(upstream, 'grow');
    await eventually('the new tool is listed', () => upstream.tools.some(({ name }) => name === 'grown'));
    await eventually('it is offered', () => here.offers.get('mcp/fixture')?.definitions.length === 9);
    expect(changes).to.deep.equal(['tools']);
  });

  it('is subscribed to once for each resource, and tells everybody who asked [MCP-06]', async () => {
    await using here = await world();
    const upstream = await here.ready('fixture', await here.script(LEGACY_SERVER));
    const heard: string[] = [];
    const first = await upstream.subscribeResource('memo://1', ({ uri }) => heard.push(`first ${uri as string}`));
    const second = await upstream.subscribeResource('memo://1', ({ uri }) => heard.push(`second ${uri as string}`));
    await eventually('both heard', () => heard.length === 2);
    await first();
    await second();
    expect(heard).to.deep.equal(['first memo://1', 'second memo://1']);
  });

  it('is started again when it dies, its tools withdrawn meanwhile, its calls failed, its stderr kept [MCP-07]', async () => {
    await using here = await world();
    const upstream = await here.ready('fixture', await here.script(LEGACY_SERVER));
    const offer = here.offers.get('mcp/fixture');
    await eventually('its tools are offered', () => offer?.available === true);
    const states: string[] = [];
    upstream.onChanged(
      (what) => what === 'state' && states.push(`${upstream.state}, offered: ${String(offer?.available)}`),
    );
    const died = await failure(call(upstream, 'die'));
    await eventually('it is back', () => upstream.state === 'ready');
    expect([
      died,
      states.filter((state) => state.startsWith('backoff')).length > 0,
      textOf(await call(upstream, 'echo', {})),
      here.servers.logs('fixture', 10).map(({ line }) => line),
      here.servers
        .status()
        .map(({ id, state, era, restarts, serverName, tools }) => ({ id, state, era, restarts, serverName, tools })),
    ]).to.deep.equal([
      'Unavailable: code 3',
      true,
      '{}',
      ['dying as told'],
      [{ id: 'fixture', state: 'ready', era: 'legacy', restarts: 1, serverName: 'fixture', tools: 8 }],
    ]);
  });
});
