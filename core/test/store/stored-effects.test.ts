import { expect } from 'chai';
import type { CoreLimits } from '../../src/index.js';
import { callBy, card, failure, startCore } from '../support/core.js';

describe('an effect with an idempotency key', () => {
  async function withAgent(limits: CoreLimits = {}) {
    const core = await startCore({ limits });
    const session = core.connect('ann');
    await core.handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(session));
    const move = (state: 'ready' | 'busy' | 'draining', idempotencyKey = 'k1') =>
      core.handlers.agentSetState({ agentId: 'echo', state, idempotencyKey }, callBy(session, 'agent.setState'));
    return { ...core, session, move };
  }

  it('happens once: the same call answers the same again [AGENTS-14]', async () => {
    const { move, store, stop } = await withAgent();
    const first = await move('draining');
    await move('ready', 'k2');
    const again = await move('draining');
    expect({ again, journal: store.journal().length }).to.deep.equal({ again: first, journal: 3 });
    await stop();
  });

  it('happens once also when two of them come at the same time [AGENTS-14]', async () => {
    const { move, store, stop } = await withAgent();
    const [a, b] = await Promise.all([move('draining'), move('draining')]);
    expect({ same: b, journal: store.journal().length }).to.deep.equal({ same: a, journal: 2 });
    await stop();
  });

  it('is refused when the key comes with other params [AGENTS-15]', async () => {
    const { move, stop } = await withAgent();
    await move('draining');
    expect(await failure(() => move('busy'))).to.deep.equal({ name: 'conflict', resource: 'idempotencyKey/k1' });
    await stop();
  });

  it('belongs to its principal: the key of another one is another key [AGENTS-15]', async () => {
    const { handlers, connect, stop } = await startCore();
    const register = (who: string) =>
      handlers.agentRegister({ agentId: `of-${who}`, card: card(), idempotencyKey: 'k1' }, callBy(connect(who)));
    const owners = [(await register('ann')).owner, (await register('bob')).owner];
    expect(owners).to.deep.equal(['ann', 'bob']);
    await stop();
  });

  it('is kept for 24 hours and then swept [AGENTS-16]', async () => {
    const { move, store, time, stop } = await withAgent();
    await move('draining');
    const kept = async () => (await store.range({ from: 'effects/', to: 'effects0' })).entries.length;
    await time.advance(23 * 3_600_000);
    const before = await kept();
    await time.advance(3_600_001);
    expect({ before, after: await kept() }).to.deep.equal({ before: 2, after: 0 });
    await stop();
  });

  it('is kept with so many of its principal at most: the oldest are given up, and nothing is refused [AGENTS-33]', async () => {
    const { move, connect, handlers, session, store, time, stop } = await withAgent({
      effects: { keysPerPrincipal: 3 },
    });
    const bob = connect('bob');
    await handlers.agentRegister({ agentId: 'other', card: card(), idempotencyKey: 'k0' }, callBy(bob));
    for (const [i, state] of (['draining', 'ready', 'busy', 'draining', 'ready'] as const).entries()) {
      await time.advance(1);
      await move(state, `k${String(i)}`);
    }
    const kept = (await store.range({ from: 'effects/answers/', to: 'effects/answers0' })).entries.length;
    const known: string[] = [];
    for (const key of ['k4', 'k3', 'k2'])
      known.push(
        (
          await failure(() =>
            handlers.agentSetState(
              { agentId: 'other', state: 'busy', idempotencyKey: key },
              callBy(session, 'agent.setState'),
            ),
          )
        ).name,
      );
    const { state } = await move('draining', 'k1');
    expect([kept, known, state]).to.deep.equal([4, ['conflict', 'conflict', 'conflict'], 'draining']);
    await time.advance(24 * 3_600_000 + 60_000);
    expect((await store.range({ from: 'effects/', to: 'effects0' })).entries).to.deep.equal([]);
    await stop();
  });

  it('takes an agent over again when it is repeated on another connection [AGENTS-14]', async () => {
    const { handlers, connect, stop } = await startCore();
    const register = (session: ReturnType<typeof connect>) =>
      handlers.agentRegister({ agentId: 'echo', card: card(), idempotencyKey: 'k1' }, callBy(session));
    const [lost, young] = [connect('ann'), connect('ann')];
    await register(lost);
    lost.close();
    await register(young);
    const { epoch } = await handlers.agentHeartbeat({ agentId: 'echo' }, callBy(young));
    expect(epoch).to.equal(2);
    await stop();
  });
});
