import { DEFAULT_ACCESS_RULES } from '@ai-orchestrator/core';
import { expect } from 'chai';
import { callBy, card, failure, startCore } from '../support/core.js';

const admin = (connect: Awaited<ReturnType<typeof startCore>>['connect']) => callBy(connect('root', 'admin'));

describe('presence of an agent', () => {
  it('outlives its connection for the time of its lease, then ends in offline [AGENTS-05]', async () => {
    const { handlers, connect, store, time, stop } = await startCore();
    const session = connect('ann');
    await handlers.agentRegister({ agentId: 'echo', card: card(), leaseMs: 5_000 }, callBy(session));
    session.close();
    const states: unknown[] = [];
    for (const ms of [4_900, 1_000]) {
      await time.advance(ms);
      states.push((await handlers.agentGet({ agentId: 'echo' }, admin(connect))).state);
    }
    expect({ states, journal: store.journal() }).to.deep.equal({
      states: ['ready', 'offline'],
      journal: ['agent.registered agent/echo ann success', 'agent.stateChanged agent/echo daemon success'],
    });
    await stop();
  });

  it('ends with the right to register agents: the connection is closed, the lease runs out [AGENTS-30]', async () => {
    const { handlers, connect, store, time, authorizer, stop } = await startCore();
    const [ann, bob] = [connect('ann'), connect('bob')];
    for (const [agentId, session] of [['hers', ann] as const, ['his', bob] as const]) {
      await handlers.agentRegister({ agentId, card: card(), leaseMs: 5_000 }, callBy(session));
    }
    authorizer.replace({ ...DEFAULT_ACCESS_RULES, forbids: [{ principal: 'ann', permission: 'agent:register' }] });
    const closed = [ann.closed, bob.closed];
    await time.advance(6_000);
    expect({ closed, journal: store.journal().slice(2) }).to.deep.equal({
      closed: [true, false],
      journal: ['agent.stateChanged agent/hers daemon success'],
    });
    await stop();
  });

  it('goes on without a record when the agent comes back within its lease, under a higher epoch [AGENTS-05]', async () => {
    const { handlers, connect, store, time, stop } = await startCore();
    const first = connect('ann');
    await handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(first));
    first.close();
    await time.advance(20_000);
    const { epoch } = await handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(connect('ann')));
    await time.advance(60_000);
    const { state } = await handlers.agentGet({ agentId: 'echo' }, admin(connect));
    expect({ epoch, state, journal: store.journal() }).to.deep.equal({
      epoch: 2,
      state: 'ready',
      journal: ['agent.registered agent/echo ann success'],
    });
    await stop();
  });

  it('needs no write while the connection is open [AGENTS-05]', async () => {
    const { handlers, connect, store, time, stop } = await startCore();
    const session = connect('ann');
    await handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(session));
    await time.advance(3_600_000);
    const lease = await handlers.agentHeartbeat({ agentId: 'echo' }, callBy(session));
    expect({ lease, commits: store.commits }).to.deep.equal({
      lease: { epoch: 1, leaseExpiresAt: '2026-01-01T01:00:30.000Z' },
      commits: 1,
    });
    await stop();
  });

  it('is offline after a restart once the lease has run out, and ready again when it comes back [AGENTS-06]', async () => {
    const before = await startCore();
    await before.handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(before.connect('ann')));
    await before.stop();
    const { handlers, connect, time, stop } = await startCore({ store: before.store });
    const seen: unknown[] = [];
    const look = async () => {
      const { state, epoch } = await handlers.agentGet({ agentId: 'echo' }, admin(connect));
      seen.push([state, epoch]);
    };
    await look();
    await time.advance(31_000);
    await look();
    await handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(connect('ann')));
    await look();
    expect(seen).to.deep.equal([
      ['ready', 1],
      ['offline', 1],
      ['ready', 2],
    ]);
    await stop();
  });

  it('moves to the newest connection of its principal; the old one is told, and fenced [AGENTS-07]', async () => {
    const { handlers, connect, store, stop } = await startCore();
    const [old, young] = [connect('ann'), connect('ann')];
    await handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(old));
    await handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(young));
    const fenced = [
      await failure(() => handlers.agentSetState({ agentId: 'echo', state: 'busy' }, callBy(old))),
      await failure(() => handlers.agentHeartbeat({ agentId: 'echo' }, callBy(old))),
      await failure(() => handlers.agentDeregister({ agentId: 'echo' }, callBy(old))),
    ];
    old.close();
    const { state } = await handlers.agentSetState({ agentId: 'echo', state: 'busy' }, callBy(young));
    expect({ told: old.notifications, fenced, state, journal: store.journal() }).to.deep.equal({
      told: [{ method: 'agent.replaced', params: { agentId: 'echo', epoch: 2 } }],
      fenced: Array(3).fill({ name: 'stale_epoch', resource: 'agent/echo', epoch: 2 }),
      state: 'busy',
      journal: [
        'agent.registered agent/echo ann success',
        'agent.takenOver agent/echo ann success',
        'agent.stateChanged agent/echo ann success',
      ],
    });
    await stop();
  });

  it('of an agent that flaps is limited, with a hint when to come back, and others see nothing of it [AGENTS-08]', async () => {
    const { handlers, connect, store, time, stop } = await startCore();
    const outcomes: unknown[] = [];
    for (let i = 0; i < 50; i++) {
      const session = connect('ann');
      const again = async () =>
        (await handlers.agentRegister({ agentId: 'echo', card: card(), leaseMs: 1_000 }, callBy(session))).state;
      outcomes.push(await again().catch(async () => (await failure(again)).retryAfterMs));
      session.close();
      await time.advance(20);
    }
    const hints = outcomes.filter((outcome) => typeof outcome === 'number');
    await time.advance(30_000);
    expect({
      admitted: outcomes.filter((outcome) => outcome === 'ready').length,
      hinted: hints.every((ms) => ms > 0 && ms <= 1_000),
      journal: store.journal(),
    }).to.deep.equal({ admitted: 10, hinted: true, journal: ['agent.registered agent/echo ann success'] });
    await stop();
  });
});
