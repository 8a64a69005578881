import { expect } from 'chai';
import { DEFAULT_ACCESS_RULES } from '../../src/index.js';
import { callBy, failure, startCore } from '../support/core.js';

async function withAgents() {
  const core = await startCore({
    rules: {
      ...DEFAULT_ACCESS_RULES,
      forbids: [{ principal: 'bob', permission: 'agent:*', resource: 'agent/secret' }],
    },
  });
  const session = core.connect('ann');
  const add = async (agentId: string, version: string, skills: { id: string; version?: string }[], zone: string) =>
    core.handlers.agentRegister(
      { agentId, card: { name: agentId, version, skills, labels: { zone } } },
      callBy(session),
    );
  await add('beta', '2.1.0', [{ id: 'sum' }, { id: 'echo', version: '1.5.0' }], 'north');
  await add('alpha', '1.0.0', [{ id: 'echo' }], 'north');
  await add('secret', '1.0.0', [{ id: 'echo' }], 'south');
  await add('gamma', '1.9.9', [{ id: 'echo', version: '2.0.0' }], 'south');
  await core.handlers.agentSetState({ agentId: 'gamma', state: 'busy' }, callBy(session));
  return { ...core, session };
}

describe('agent.list', () => {
  it('answers only agents that the caller may use, in order of id [AGENTS-11]', async () => {
    const { handlers, connect, stop } = await withAgents();
    const ids = async (who: string) =>
      (await handlers.agentList({}, callBy(connect(who)))).entries.map((e) => e.agentId);
    const hidden = await failure(() => handlers.agentGet({ agentId: 'secret' }, callBy(connect('bob'))));
    expect({ ann: await ids('ann'), bob: await ids('bob'), hidden }).to.deep.equal({
      ann: ['alpha', 'beta', 'gamma', 'secret'],
      bob: ['alpha', 'beta', 'gamma'],
      hidden: { name: 'agent_not_found', resource: 'agent/secret' },
    });
    await stop();
  });

  it('is narrowed by skill, its version, the version of the agent, labels and state [AGENTS-12]', async () => {
    const { handlers, session, stop } = await withAgents();
    const ids = async (query: object) =>
      (await handlers.agentList(query, callBy(session))).entries.map((e) => e.agentId);
    expect({
      skill: await ids({ skill: 'sum' }),
      skillVersion: await ids({ skill: 'echo', skillVersion: '>=1.5' }),
      version: await ids({ version: '^1.0.0' }),
      labels: await ids({ labels: { zone: 'south' } }),
      state: await ids({ state: 'busy' }),
      all: await ids({ skill: 'echo', version: '1.x', labels: { zone: 'south' }, state: 'ready' }),
      none: await ids({ skill: 'nothing' }),
    }).to.deep.equal({
      skill: ['beta'],
      skillVersion: ['beta', 'gamma'],
      version: ['alpha', 'gamma', 'secret'],
      labels: ['gamma', 'secret'],
      state: ['gamma'],
      all: ['secret'],
      none: [],
    });
    await stop();
  });

  it('is paged by a cursor that neither shifts nor repeats when agents come and go [AGENTS-13]', async () => {
    const { handlers, session, stop } = await withAgents();
    const call = callBy(session);
    const first = await handlers.agentList({ limit: 2 }, call);
    await handlers.agentDeregister({ agentId: 'beta' }, call);
    await handlers.agentRegister({ agentId: 'aaa', card: { name: 'a', version: '1.0.0', skills: [] } }, call);
    const second = await handlers.agentList(
      { limit: 2, ...(first.cursor === undefined ? {} : { cursor: first.cursor }) },
      call,
    );
    const wrong = await failure(() => handlers.agentList({ cursor: 'nonsense' }, call));
    expect({
      first: first.entries.map((e) => e.agentId),
      second: second.entries.map((e) => e.agentId),
      more: second.cursor,
      wrong: (wrong.issues as { path: string }[])[0]?.path,
    }).to.deep.equal({ first: ['alpha', 'beta'], second: ['gamma', 'secret'], more: undefined, wrong: '/cursor' });
    await stop();
  });
});
