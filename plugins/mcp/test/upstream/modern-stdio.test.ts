import { expect } from 'chai';
import { LEGACY_SERVER, MODERN_SERVER } from './servers.js';
import { call, eventually, failure, textOf, world, type World } from './world.js';

/** What a server wrote to stderr. */
function said(here: World, id: string): readonly string[] {
  return here.servers.logs(id, 1_000).map(({ line }) => line);
}

describe('a modern MCP server over stdio', () => {
  it('is discovered without a handshake, listened to, and told of a cancellation by a notification [MCP-26]', async () => {
    await using here = await world();
    const upstream = await here.ready('modern', await here.script(MODERN_SERVER));
    const echoed = textOf(await call(upstream, 'echo', { a: 1 }));
    await failure(call(upstream, 'never', {}, { timeoutMs: 3_000 }));
    await call(upstream, 'grow');
    await eventually('the new tool is there', () => upstream.tools.length === 4);
    await eventually('all was written', () =>
      said(here, 'modern').some((line) => line.startsWith('notifications/cancelled')),
    );
    expect([upstream.era, echoed, said(here, 'modern').includes('initialize'), said(here, 'modern')[0]]).to.deep.equal([
      'modern',
      '{"given":{"a":1},"version":"2026-07-28"}',
      false,
      'server/discover',
    ]);
  });

  it('is listened to again after a restart, for it remembers nothing [MCP-27]', async () => {
    await using here = await world();
    const upstream = await here.ready('modern', await here.script(MODERN_SERVER));
    await here.servers.restart('modern');
    await eventually('it is back', () => upstream.state === 'ready');
    const listened = () => said(here, 'modern').filter((line) => line === 'subscriptions/listen').length;
    await eventually('it is listened to again', () => listened() === 2);
    await call(upstream, 'grow');
    await eventually('the new tool is there', () => upstream.tools.length === 4);
  });
});

describe('the era of an MCP server', () => {
  it('is remembered: one known to be legacy is not asked again, over a restart and by a next daemon [MCP-28]', async () => {
    await using here = await world();
    const noisy = LEGACY_SERVER.replace(
      'const { id, method,',
      'process.stderr.write(JSON.parse(line).method + "\\n");\n  const { id, method,',
    );
    const upstream = await here.ready('legacy', await here.script(noisy));
    await here.servers.restart('legacy');
    await eventually('it is back', () => upstream.state === 'ready');
    const greetings = said(here, 'legacy').filter((line) => line === 'server/discover' || line === 'initialize');
    expect([greetings, (await here.store.get('mcp/era/legacy'))?.value]).to.deep.equal([
      ['server/discover', 'initialize', 'initialize'],
      'legacy',
    ]);
  });

  it('is legacy where the question is left unanswered, or ends the server [MCP-29]', async () => {
    await using here = await world({ probeMs: 300 });
    const deaf = LEGACY_SERVER.replace(
      "if (method === 'notifications/cancelled')",
      "if (method === 'server/discover') return;\n  if (method === 'notifications/cancelled')",
    );
    const frail = LEGACY_SERVER.replace(
      "if (method === 'notifications/cancelled')",
      "if (method === 'server/discover') process.exit(9);\n  if (method === 'notifications/cancelled')",
    );
    const upstreams = [
      await here.ready('deaf', await here.script(deaf)),
      await here.ready('frail', await here.script(frail)),
    ];
    expect(upstreams.map(({ era, protocolVersion }) => [era, protocolVersion])).to.deep.equal([
      ['legacy', '2025-11-25'],
      ['legacy', '2025-11-25'],
    ]);
  });
});
