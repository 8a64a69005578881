import { expect } from 'chai';
import { agent, journalOf, listeningCore } from './support/listening-core.js';

describe('F31: registering an agent id that belongs to another principal', () => {
  it('is refused and audited, and takes nothing from the owner [F31]', async () => {
    const daemon = await listeningCore();
    const [owner, thief, admin] = [
      await daemon.connect('ann'),
      await daemon.connect('eve'),
      await daemon.connect('root', 'admin'),
    ];
    await owner.result('agent.register', agent('echo'));
    const refused = await thief.failure('agent.register', agent('echo'));
    const { owner: ownedBy, epoch } = await admin.result('agent.get', { agentId: 'echo' });
    const still = await owner.result('agent.setState', { agentId: 'echo', state: 'busy' });
    const seen = {
      refused: refused.name,
      ownedBy,
      epoch,
      state: still.state,
      told: owner.received,
      journal: await journalOf(admin, 'agent/echo'),
    };
    for (const connection of [owner, thief, admin]) await connection.close();
    await daemon.stop();
    expect(seen).to.deep.equal({
      refused: 'agent_id_taken',
      ownedBy: 'ann',
      epoch: 1,
      state: 'busy',
      told: [],
      journal: ['agent.registered ann success', 'permission.denied eve denied', 'agent.stateChanged ann success'],
    });
  });
});
