import { expect } from 'chai';
import { DEFAULT_ACCESS_RULES, DEFAULT_TOOL_RULES, type ToolRules } from '@ai-orchestrator/core';
import type { ToolDefinition } from '@ai-orchestrator/core/plugin';
import { callBy, card, principal, startCore } from '../support/core.js';

function definition(name: string, more: Partial<ToolDefinition> = {}): ToolDefinition {
  return { name, version: '1.0.0', inputSchema: { type: 'object' }, ...more };
}

/** A core with the tools github__issue, github__push (labeled, needs network) and files__read. */
async function world(tools: Partial<ToolRules>, rules = DEFAULT_ACCESS_RULES) {
  const core = await startCore({ tools, rules });
  const invoke = () => Promise.resolve({ kind: 'result', result: { content: [] } } as const);
  const github = core.services.tools.addProvider({ id: 'mcp/github', invoke });
  await github.set([
    definition('github__issue'),
    definition('github__push', { labels: { risk: 'high' }, capabilities: ['network', 'secrets:github'] }),
  ]);
  const files = core.services.tools.addProvider({ id: 'mcp/files', invoke });
  await files.set([definition('files__read')]);
  const seen = (id: string, role?: 'admin' | 'operator' | 'agent' | 'observer', set?: string) =>
    core.services.tools
      .visible(principal(id, role), set === undefined ? {} : { set })
      .map((tool) => tool.definition.name);
  const use = (id: string, name: string) => {
    const tool = core.services.tools.find(principal('root', 'admin'), name);
    if (tool === undefined) throw new Error(`there is no ${name}`);
    return core.toolAccess.of(principal(id), tool);
  };
  return { ...core, seen, use };
}

const ALL = ['files__read', 'github__issue', 'github__push'];

describe('rules of tools', () => {
  it('let admins and operators see every tool, others none that is not granted [TOOL-02]', async () => {
    const core = await world({});
    expect([
      core.seen('a', 'admin'),
      core.seen('o', 'operator'),
      core.seen('x'),
      core.seen('w', 'observer'),
    ]).to.deep.equal([ALL, ALL, [], []]);
    await core.stop();
  });

  it('grant by principal, role, name, provider and label [TOOL-02]', async () => {
    const core = await world({
      grants: [
        { principals: ['ada-*'], tools: ['github__*'] },
        { roles: ['observer'], providers: ['mcp/files'] },
        { principals: ['bob'], labels: { risk: 'high' } },
      ],
    });
    expect([core.seen('ada-1'), core.seen('eve', 'observer'), core.seen('bob'), core.seen('ada')]).to.deep.equal([
      ['github__issue', 'github__push'],
      ['files__read'],
      ['github__push'],
      [],
    ]);
    await core.stop();
  });

  it('grant, forbid and give sets to whoever has an agent registered, for as long as it is [TOOL-76]', async () => {
    const core = await world({
      grants: [{ agents: ['crew-*'], tools: ['github__*'] }, { principals: ['ann'] }],
      forbids: [{ agents: ['crew-2'], tools: ['*__push'] }],
      sets: { crew: { tools: ['*__issue'], agents: ['crew-1'] } },
    });
    const seen = () => [core.seen('ann'), core.seen('bob'), core.services.tools.sets(principal('bob')).length];
    expect(seen()).to.deep.equal([ALL, [], 0]);
    const revision = core.services.tools.revision;
    const call = callBy(core.connect('bob'));
    await core.handlers.agentRegister({ agentId: 'crew-1', card: card() }, call);
    await core.handlers.agentRegister({ agentId: 'crew-2', card: card() }, callBy(core.connect('ann')));
    expect(seen()).to.deep.equal([['files__read', 'github__issue'], ['github__issue', 'github__push'], 1]);
    expect(core.services.tools.revision).to.be.above(revision);
    await core.handlers.agentDeregister({ agentId: 'crew-1' }, call);
    expect(seen()).to.deep.equal([['files__read', 'github__issue'], [], 0]);
    await core.stop();
  });

  it('that name agents are applied anew, when one comes or goes, to its principal alone [TOOL-79]', async () => {
    const core = await world({ grants: [{ agents: ['crew-*'], tools: ['github__*'] }, { principals: ['ann'] }] });
    const { tools } = core.services;
    let told = 0;
    tools.onChanged(() => (told += 1));
    const before = [tools.visible(principal('ann')), tools.visible(principal('bob'))];
    const call = callBy(core.connect('bob'));
    await core.handlers.agentRegister({ agentId: 'crew-1', card: card() }, call);
    const during = [tools.visible(principal('ann')), tools.visible(principal('bob'))];
    await core.handlers.agentRegister({ agentId: 'other', card: card() }, call);
    await core.handlers.agentDeregister({ agentId: 'crew-1' }, call);
    expect({
      told,
      // What another sees is the very same, not made anew.
      ann: [during[0] === before[0], tools.visible(principal('ann')) === before[0]],
      bob: [before[1], during[1], tools.visible(principal('bob'))].map((seen) => seen?.length),
    }).to.deep.equal({ told: 2, ann: [true, true], bob: [0, 2, 0] });
    await core.stop();
  });

  it('forbid whatever is granted, also to an admin, and so do the access rules [TOOL-03]', async () => {
    const core = await world(
      {
        grants: [{ principals: ['ada'] }],
        forbids: [
          { tools: ['*__push'] },
          { principals: ['ada'], tools: ['github__issue'], actions: ['call'] },
          { principals: ['root'], capabilities: ['network'] },
        ],
      },
      { ...DEFAULT_ACCESS_RULES, forbids: [{ permission: 'tool:read', resource: 'tool/files__read' }] },
    );
    const { see, call } = core.use('ada', 'github__issue');
    expect([core.seen('ada'), core.seen('root', 'admin'), see, call]).to.deep.equal([
      ['github__issue'],
      ['github__issue'],
      true,
      false,
    ]);
    await core.stop();
  });

  it('forbid a provider as a whole also when they forbid only to see or only to call it [TOOL-03]', async () => {
    const may = async (action: 'see' | 'call', provider: string) => {
      const core = await world({
        grants: [{ principals: ['ada'] }],
        forbids: [{ principals: ['ada'], providers: ['mcp/github'], actions: [action] }],
      });
      const answer = core.services.tools.mayUse(principal('ada'), provider);
      await core.stop();
      return answer;
    };
    expect([
      await may('see', 'mcp/github'),
      await may('call', 'mcp/github'),
      await may('see', 'mcp/files'),
    ]).to.deep.equal([false, false, true]);
  });

  it('say whether a tool that is seen may be called, and forbid what needs a capability that nobody gave [TOOL-03]', async () => {
    const core = await world({
      grants: [
        { principals: ['ada'], tools: ['github__*'] },
        { principals: ['bob'], tools: ['github__push'], capabilities: ['*'] },
        { principals: ['eve'], actions: ['see'] },
      ],
    });
    const { tools } = core.services;
    const may = (id: string, name: string, role?: 'admin') => {
      const tool = tools.find(principal(id, role), name);
      return tool !== undefined && tools.mayCall(principal(id, role), tool);
    };
    expect([
      may('ada', 'github__issue'),
      may('ada', 'github__push'),
      may('bob', 'github__push'),
      may('eve', 'github__issue'),
      may('root', 'github__push', 'admin'),
    ]).to.deep.equal([true, false, true, false, true]);
    await core.stop();
  });

  it('say which arguments may be used and which capabilities were given [TOOL-04]', async () => {
    const own = { type: 'object', properties: { owner: { const: 'ada' } } };
    const main = { type: 'object', properties: { branch: { const: 'main' } }, required: ['branch'] };
    const core = await world({
      grants: [
        { principals: ['ada'], tools: ['github__push'], arguments: own, capabilities: ['secrets:*'] },
        { principals: ['bob'], capabilities: ['*'] },
      ],
      forbids: [{ tools: ['github__push'], arguments: main }],
    });
    const [ada, bob] = [core.use('ada', 'github__push'), core.use('bob', 'github__push')];
    expect([ada, bob]).to.deep.equal([
      {
        see: true,
        call: true,
        capabilities: new Set(),
        anyArguments: false,
        covered: [{ schema: own, capabilities: new Set(['secrets:github']) }],
        noneOf: [main],
      },
      {
        see: true,
        call: true,
        capabilities: new Set(['network', 'secrets:github']),
        anyArguments: true,
        covered: [],
        noneOf: [main],
      },
    ]);
    await core.stop();
  });

  it('narrow what is seen to a set, for who may use it [TOOL-05]', async () => {
    const core = await world({
      grants: [{ principals: ['ada', 'bob'], tools: ['github__*'] }],
      sets: {
        coding: { description: 'For code.', tools: ['*__issue', 'files__*'], principals: ['ada'], discovery: 'search' },
      },
    });
    const { tools } = core.services;
    const outside = tools.find(principal('ada'), 'github__push', { set: 'coding' });
    expect([
      core.seen('ada', 'agent', 'coding'),
      core.seen('bob', 'agent', 'coding'),
      core.seen('ada', 'agent', 'absent'),
      outside,
      tools.sets(principal('ada')),
      tools.sets(principal('bob')),
    ]).to.deep.equal([
      ['github__issue'],
      [],
      [],
      undefined,
      [{ name: 'coding', description: 'For code.', discovery: 'search' }],
      [],
    ]);
    await core.stop();
  });

  it('hold at once when they are replaced, and are refused whole when one is wrong [TOOL-06]', async () => {
    const core = await world({});
    const before = core.services.tools.revision;
    let told = 0;
    core.services.tools.onChanged(() => told++);
    core.toolAccess.replace({ ...DEFAULT_TOOL_RULES, grants: [{ principals: ['ada'] }] });
    const after = core.seen('ada');
    const wrong = { ...DEFAULT_TOOL_RULES, grants: [{ arguments: { $ref: 'https://example.org/schema' } }] };
    expect(() => core.toolAccess.replace(wrong)).to.throw('tools.grants[0].arguments/$ref must be a local reference');
    expect([after, core.seen('ada'), told, core.services.tools.revision > before]).to.deep.equal([ALL, ALL, 1, true]);
    await core.stop();
  });
});
