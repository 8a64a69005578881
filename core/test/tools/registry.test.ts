import { expect } from 'chai';
import { TOOL_LIMITS } from '@ai-orchestrator/core';
import type { ToolDefinition } from '@ai-orchestrator/core/plugin';
import { callBy, failure, principal } from '../support/core.js';
import { ADD, offer, tool, toolWorld } from './tool-world.js';

describe('the registry of tools', () => {
  it('has versions side by side, chosen by range; the newest release unless said [TOOL-14]', async () => {
    const core = await toolWorld();
    const versions = ['1.0.0', '2.1.0', '1.4.0', '3.0.0-rc.1'];
    await core.provider('plugin/x').set(versions.map((version) => tool('x', { version })));
    const chosen = (version?: string) =>
      core.services.tools.find(core.olga.principal, 'x', version === undefined ? {} : { version })?.definition.version;
    const { versions: all } = await core.handlers.toolGet({ name: 'x' }, core.by);
    expect([chosen(), chosen('^1.0.0'), chosen('1.0.0'), chosen('>=3.0.0-rc.0'), chosen('^4'), all]).to.deep.equal([
      '2.1.0',
      '1.4.0',
      '1.0.0',
      '3.0.0-rc.1',
      undefined,
      ['2.1.0', '1.4.0', '1.0.0', '3.0.0-rc.1'],
    ]);
    await core.stop();
  });

  it('lets a new version wait, unless it is described as an approved one; who may approve waits for nobody [TOOL-15]', async () => {
    const core = await toolWorld();
    const handle = core.provider('mcp/maths');
    await handle.set([ADD]);
    await handle.set([{ ...ADD, version: '1.0.1' }]);
    const alike = core.there();
    await handle.set([{ ...ADD, version: '2.0.0', title: 'Sum' }]);
    const { entries } = await core.handlers.toolPending({}, core.by);
    expect([alike, core.there(), entries.map(({ version, why }) => [version, why])]).to.deep.equal([
      ['add 1.0.1'],
      ['add 1.0.1'],
      [['2.0.0', 'version']],
    ]);

    await core.handlers.agentRegister({ agentId: 'own', card: { name: 'Own', version: '1.0.0', skills: [] } }, core.by);
    await core.handlers.toolRegister({ agentId: 'own', tools: offer(tool('own')) }, core.by);
    const taken = await core.handlers.toolRegister(
      { agentId: 'own', tools: offer(tool('own', { title: 'Mine' })) },
      core.by,
    );
    expect([taken, (await core.actions()).at(-1)]).to.deep.equal([
      { approved: ['own'], pending: [], refused: [] },
      'tool.changed',
    ]);
    await core.stop();
  });

  it('gives a name to who offered it first, and says to others what to do [TOOL-16]', async () => {
    const core = await toolWorld();
    await core.provider('mcp/one').set([tool('search')]);
    const refused = await core.provider('mcp/two').set([tool('search'), tool('two__search')]);
    expect([refused, core.there()]).to.deep.equal([
      [
        {
          name: 'search',
          version: '1.0.0',
          reason: "the name belongs to mcp/one; give one of both a prefix, or remove the other's tool",
        },
      ],
      ['search 1.0.0', 'two__search 1.0.0'],
    ]);
    await core.stop();
  });

  it('refuses each definition that is wrong with what is wrong, and takes the others [TOOL-17]', async () => {
    const core = await toolWorld({ limits: { tools: { definitionBytes: 2_000, schemaNodes: 50 } } });
    const deep = (levels: number): ToolDefinition['inputSchema'] =>
      levels === 0 ? {} : { type: 'object', properties: { a: deep(levels - 1) } };
    const schema = (inputSchema: ToolDefinition['inputSchema'], name = 's') => tool(name, { inputSchema });
    const refused = await core
      .provider('mcp/odd')
      .set([
        tool('spaces in it'),
        tool('v', { version: 'v1' }),
        tool('long', { description: 'x'.repeat(2_000) }),
        schema(deep(40), 'deep'),
        schema({ type: 'array' }, 'list'),
        schema({ type: 'object', properties: { a: { $ref: 'https://example.org/a' } } }, 'remote'),
        schema({ $schema: 'http://json-schema.org/draft-04/schema#', type: 'object' }, 'old'),
        schema({ type: 'object', required: 'a' }, 'wrong'),
        schema({ type: 'object', enum: Array.from({ length: 60 }, (_, i) => i) }, 'wide'),
        tool('needs', { capabilities: ['Anything at all'] }),
        tool('twice'),
        tool('twice'),
        schema({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object', definitions: {} }, 'draft07'),
        schema({ type: 'object', properties: { $ref: { type: 'string' } }, $defs: { b: { $anchor: 'b' } } }, 'fine'),
      ]);
    expect(Object.fromEntries(refused.map(({ name, reason }) => [name, reason]))).to.deep.equal({
      'spaces in it': 'a name has 1 to 128 letters, digits, "_", "-", "." and "/"',
      v: 'a version is semantic, such as 1.2.0',
      long: 'it has more than 2000 bytes as JSON; shorten it, or raise limits.tools.definitionBytes',
      deep: 'it is deeper than 64 levels',
      list: '/inputSchema/type must be "object"',
      remote: '/inputSchema/properties/a/$ref must be a local reference (#...); remote ones are not fetched',
      old: '/inputSchema/$schema is a dialect that is not supported; use 2020-12 or draft-07',
      wrong: '/inputSchema/required must be array',
      wide: '/inputSchema has more than 50 parts',
      needs: 'capabilities are at most 32 names such as network or secrets:github',
      twice: 'it is there twice',
    });
    expect(core.there()).to.deep.equal(['draft07 1.0.0', 'fine 1.0.0', 'twice 1.0.0']);
    await core.stop();
  });

  it('is bounded in definitions, versions and providers [TOOL-18]', async () => {
    const tools = { toolsPerProvider: 3, versionsPerTool: 2, versionsPerProvider: 4, providers: 1 };
    const core = await toolWorld({ limits: { tools } });
    const handle = core.provider('mcp/one');
    const many = await handle.set([
      tool('a'),
      tool('a', { version: '2.0.0' }),
      tool('a', { version: '3.0.0' }),
      tool('b'),
      tool('c'),
    ]);
    const later = await handle.set([tool('c'), tool('d')]);
    const other = await failure(() => core.provider('mcp/two'));
    expect([
      many.map(({ reason }) => reason),
      later.map(({ name, reason }) => `${name}: ${reason}`),
      other,
    ]).to.deep.equal([
      [
        'a tool has at most 2 versions (limits.tools.versionsPerTool); remove old ones with tool.remove',
        'a provider has at most 3 (limits.tools.toolsPerProvider)',
      ],
      [
        'd: at most 4 versions of a provider are remembered (limits.tools.versionsPerProvider); remove old ones with tool.remove',
      ],
      { name: 'limit_exceeded', limit: 'tools.providers' },
    ]);
    expect(TOOL_LIMITS.toolsPerProvider).to.be.lessThan(TOOL_LIMITS.versionsPerProvider);
    await core.stop();
  });

  it('withdraws the tools of a provider that is away, and no others, until it is back [TOOL-19]', async () => {
    const core = await toolWorld();
    const one = core.provider('mcp/one');
    await one.set([tool('a'), tool('b')]);
    await core.provider('mcp/two').set([tool('c')]);
    const seen = [core.there()];
    one.available(false, 'it crashed');
    seen.push(core.there());
    one.available(true);
    seen.push(core.there());
    await one.close();
    seen.push(core.there());
    const records = (await core.records()).filter(({ action }) => /withdrawn|returned/.test(action));
    const all = ['a 1.0.0', 'b 1.0.0', 'c 1.0.0'];
    expect([seen, records]).to.deep.equal([
      [all, ['c 1.0.0'], all, ['c 1.0.0']],
      [
        {
          action: 'tool.withdrawn',
          principal: 'daemon',
          provider: 'mcp/one',
          count: 2,
          tools: ['a', 'b'],
          reason: 'it crashed',
        },
        { action: 'tool.returned', principal: 'daemon', provider: 'mcp/one', count: 2 },
      ],
    ]);
    await core.stop();
  });

  it('says from when versions are not to be used, and what to use instead [TOOL-20]', async () => {
    const core = await toolWorld();
    await core.provider('mcp/one').set([tool('a'), tool('a', { version: '2.0.0' })]);
    const at = '2027-01-01T00:00:00.000Z';
    await core.handlers.toolDeprecate({ name: 'a', version: '^1', at, successor: 'a@2' }, core.by);
    const [old, now] = [
      await core.handlers.toolGet({ name: 'a', version: '^1' }, core.by),
      await core.handlers.toolGet({ name: 'a' }, core.by),
    ];
    expect([old.deprecated, now.deprecated, (await core.actions()).at(-1)]).to.deep.equal([
      { at, successor: 'a@2' },
      undefined,
      'tool.deprecated',
    ]);
    await core.stop();
  });

  it('forgets versions that nobody offers any more, for who keeps them [TOOL-21]', async () => {
    const core = await toolWorld({ tools: { grants: [{ principals: ['ada'] }] } });
    const handle = core.provider('mcp/one');
    await handle.set([tool('a'), tool('b')]);
    const offered = await failure(() => core.handlers.toolRemove({ name: 'a' }, core.by));
    const ada = callBy(core.connect('ada'));
    const foreign = await failure(() => core.handlers.toolRemove({ name: 'b' }, ada));
    await handle.set([tool('b')]);
    await core.handlers.toolRemove({ name: 'a' }, core.by);
    await core.provider('mcp/two').set([tool('a')]);
    expect([offered, foreign, core.there()]).to.deep.equal([
      { name: 'conflict', resource: 'tool/a' },
      { name: 'permission_denied', permission: 'tool:admin', resource: 'tool/b' },
      ['a 1.0.0', 'b 1.0.0'],
    ]);
    await core.stop();
  });

  it('answers listings from memory while nothing changes, and at once anew when it does [TOOL-22]', async () => {
    const core = await toolWorld({ tools: { grants: [{ roles: ['agent'], tools: ['t1*'] }] } });
    const { tools } = core.services;
    for (let p = 0; p < 10; p++) {
      await core
        .provider(`mcp/${String(p)}`)
        .set(Array.from({ length: 20 }, (_, i) => tool(`t${String(p)}-${String(i)}`)));
    }
    const list = tools.visible(principal('ada'));
    const revision = tools.revision;
    const again = tools.visible(principal('ada'));
    await core.provider('mcp/more').set([tool('t1-more')]);
    expect([
      list.length,
      list === again,
      tools.visible(principal('ada')).length,
      tools.revision > revision,
    ]).to.deep.equal([20, true, 21, true]);
    await core.stop();
  });
});
