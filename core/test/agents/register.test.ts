import { expect } from 'chai';
import { callBy, card, failure, startCore } from '../support/core.js';

describe('agent.register', () => {
  it('answers the agent as it is then, and records it in the same commit [AGENTS-01]', async () => {
    const { handlers, connect, store, stop } = await startCore();
    const record = await handlers.agentRegister({ agentId: 'echo', card: card('echo') }, callBy(connect('ann')));
    expect({ record, commits: store.commits, journal: store.journal() }).to.deep.equal({
      record: {
        agentId: 'echo',
        card: { name: 'An agent', version: '1.0.0', skills: [{ id: 'echo' }] },
        owner: 'ann',
        state: 'ready',
        epoch: 1,
        inFlight: 0,
        registeredAt: '2026-01-01T00:00:00.000Z',
        updatedAt: '2026-01-01T00:00:00.000Z',
        leaseExpiresAt: '2026-01-01T00:00:30.000Z',
      },
      commits: 1,
      journal: ['agent.registered agent/echo ann success'],
    });
    await stop();
  });

  it('accepts input schemas that name the draft 2020-12, with an empty fragment too [AGENTS-31]', async () => {
    const { handlers, connect, stop } = await startCore();
    const schema = 'https://json-schema.org/draft/2020-12/schema';
    const skills = [schema, `${schema}#`].map(($schema, i) => ({
      id: `s${String(i)}`,
      input: { $schema, type: 'object' },
    }));
    const params = { agentId: 'echo', card: { name: 'An agent', version: '1.0.0', skills } };
    const { card: kept } = await handlers.agentRegister(params, callBy(connect('ann')));
    await stop();
    expect(kept.skills).to.deep.equal(skills);
  });

  const refused: readonly { readonly what: string; readonly input: unknown; readonly path: string }[] = [
    { what: 'a type that there is not', input: { type: 'strin' }, path: '/card/skills/0/input/type' },
    { what: 'something that is no schema', input: 7, path: '/card/skills/0/input' },
    {
      what: 'a remote reference',
      input: { properties: { a: { $ref: 'https://example.com/s.json' } } },
      path: '/card/skills/0/input/properties/a/$ref',
    },
    { what: 'a reference to nothing', input: { $ref: '#/$defs/a' }, path: '/card/skills/0/input/$ref' },
    {
      what: 'a recursive schema',
      input: { properties: { child: { $ref: '#' } } },
      path: '/card/skills/0/input/properties/child/$ref',
    },
    {
      what: 'a recursion under a property that is called like a keyword',
      input: {
        properties: { default: { allOf: [{ properties: { default: { $ref: '#/properties/default' } } }] } },
      },
      path: '/card/skills/0/input/properties/default/allOf/0/properties/default/$ref',
    },
    { what: 'a pattern that can backtrack', input: { pattern: '(a+)+(?=b)' }, path: '/card/skills/0/input/pattern' },
    {
      what: 'another draft',
      input: { $schema: 'http://json-schema.org/draft-07/schema#' },
      path: '/card/skills/0/input/$schema',
    },
    { what: 'a keyword that there is not', input: { typ: 'string' }, path: '/card/skills/0/input' },
    {
      what: 'references that multiply',
      input: {
        $ref: '#/$defs/d0',
        $defs: Object.fromEntries(
          Array.from({ length: 20 }, (_, i) => [
            `d${String(i)}`,
            i === 19
              ? { type: 'string' }
              : { anyOf: [{ $ref: `#/$defs/d${String(i + 1)}` }, { $ref: `#/$defs/d${String(i + 1)}` }] },
          ]),
        ),
      },
      path: '/card/skills/0/input',
    },
  ];
  for (const { what, input, path } of refused) {
    it(`refuses an input schema with ${what}, and says where [AGENTS-02]`, async () => {
      const { handlers, connect, store, stop } = await startCore();
      const skills = [{ id: 'echo', input }];
      const params = { agentId: 'echo', card: { name: 'An agent', version: '1.0.0', skills } };
      const error = await failure(() => handlers.agentRegister(params, callBy(connect('ann'))));
      const issues = error.issues as { path: string }[];
      expect({ name: error.name, path: issues[0]?.path, commits: store.commits }).to.deep.equal({
        name: 'invalid_params',
        path,
        commits: 0,
      });
      await stop();
    });
  }

  it('refuses a card above 64 KiB, and a skill that is there twice [AGENTS-02]', async () => {
    const { handlers, connect, stop } = await startCore();
    const register = (skills: object[]) =>
      failure(() =>
        handlers.agentRegister(
          { agentId: 'echo', card: { name: 'An agent', version: '1.0.0', skills: skills as { id: string }[] } },
          callBy(connect('ann')),
        ),
      );
    const large = Array.from({ length: 33 }, (_, i) => ({ id: `s${String(i)}`, description: 'x'.repeat(2048) }));
    const paths = [await register(large), await register([{ id: 'a' }, { id: 'a' }])].map(
      (error) => (error.issues as { path: string }[])[0]?.path,
    );
    expect(paths).to.deep.equal(['/card', '/card/skills/1/id']);
    await stop();
  });

  it('keeps an id with its principal, also after it was deregistered and the daemon restarted [AGENTS-03]', async () => {
    const first = await startCore();
    const ann = first.connect('ann');
    await first.handlers.agentRegister({ agentId: 'echo', card: card('echo') }, callBy(ann));
    await first.handlers.agentDeregister({ agentId: 'echo' }, callBy(ann));
    await first.stop();
    const { handlers, connect, store, stop } = await startCore({ store: first.store });
    const claim = () =>
      handlers.agentRegister({ agentId: 'echo', card: card('echo') }, callBy(connect('bob'), 'agent.register'));
    const error = await failure(claim);
    const { epoch } = await handlers.agentRegister({ agentId: 'echo', card: card('echo') }, callBy(connect('ann')));
    expect({ error: error.name, epoch, journal: store.journal() }).to.deep.equal({
      error: 'agent_id_taken',
      epoch: 2,
      journal: [
        'agent.registered agent/echo ann success',
        'agent.deregistered agent/echo ann success',
        'permission.denied agent/echo bob denied',
        'agent.registered agent/echo ann success',
      ],
    });
    await stop();
  });

  it('refuses past the bounds of agents, of one principal and of its ids [AGENTS-04]', async () => {
    const { handlers, connect, stop } = await startCore({
      limits: { agents: { agents: 3, agentsPerPrincipal: 2, idsPerPrincipal: 3 } },
    });
    const [ann, bob] = [connect('ann'), connect('bob')];
    const add = (agentId: string, by: typeof ann) => handlers.agentRegister({ agentId, card: card() }, callBy(by));
    const limits: unknown[] = [];
    await add('a1', ann);
    await add('a2', ann);
    limits.push((await failure(() => add('a3', ann))).limit);
    await handlers.agentDeregister({ agentId: 'a1' }, callBy(ann));
    await add('a3', ann);
    await handlers.agentDeregister({ agentId: 'a3' }, callBy(ann));
    limits.push((await failure(() => add('a4', ann))).limit);
    await add('b1', bob);
    await add('b2', bob);
    limits.push((await failure(() => add('c1', connect('eve')))).limit);
    expect(limits).to.deep.equal(['agents.agentsPerPrincipal', 'agents.idsPerPrincipal', 'agents.agents']);
    await stop();
  });
});
