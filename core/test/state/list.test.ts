import { expect } from 'chai';
import { callBy, card, startCore } from '../support/core.js';

describe('state.list', () => {
  it('answers the documents that the caller may read, page by page [STATE-23]', async () => {
    const core = await startCore();
    const session = core.connect('key:many');
    for (const agentId of ['a', 'b', 'c', 'd']) {
      await core.handlers.agentRegister({ agentId, card: card() }, callBy(session, 'agent.register'));
      if (agentId === 'b') continue;
      await core.handlers.statePut({ agentId, field: 'n' }, callBy(session, 'state.put', 1));
    }
    const first = await core.handlers.stateList({ limit: 2 }, callBy(session, 'state.list'));
    const second = await core.handlers.stateList(
      { limit: 2, cursor: first.cursor ?? '' },
      callBy(session, 'state.list'),
    );
    expect([first.entries.map(({ agentId }) => agentId), second]).to.deep.equal([
      ['a', 'c'],
      {
        entries: [
          {
            agentId: 'd',
            revision: 1,
            fields: 1,
            conflicts: 0,
            bytes: second.entries[0]?.bytes,
            updatedAt: '2026-01-01T00:00:00.000Z',
          },
        ],
      },
    ]);
    await core.stop();
  });
});
