import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import fc from 'fast-check';
import { checkTransition, TRANSITIONS } from '../../src/agents/life-cycle.js';
import type { Actor, AgentState } from '../../src/agents/life-cycle.js';
import { callBy, card, failure, startCore } from '../support/core.js';

const STATES = Object.keys(TRANSITIONS) as AgentState[];

describe('the life cycle of an agent', () => {
  it('refuses every transition that is not in the table, and names those that are [AGENTS-09]', async () => {
    for (const from of STATES) {
      for (const to of STATES) {
        for (const actor of ['agent', 'operator', 'daemon'] as const satisfies readonly Actor[]) {
          if (TRANSITIONS[from][to] === actor) continue;
          const allowed = STATES.filter((s) => TRANSITIONS[from][s] === actor);
          const error = await failure(() => {
            checkTransition('a', from, to, actor);
          });
          expect(error).to.deep.equal({ name: 'transition_refused', from, to, allowed });
        }
      }
    }
  });

  it('has no way to a forbidden transition, whatever is called in whatever order [AGENTS-09]', async () => {
    const step = fc.constantFrom(
      'register',
      'registerIdle',
      'ready',
      'busy',
      'draining',
      'suspend',
      'resume',
      'deregister',
      'drop',
      'wait',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const { handlers, connect, store, time, stop } = await startCore({
          limits: { agents: { registerBurst: 100 } },
        });
        const root = callBy(connect('root', 'admin'));
        let session = connect('ann');
        const agentId = 'echo';
        for (const each of steps) {
          try {
            const call = callBy(session);
            if (each === 'register') await handlers.agentRegister({ agentId, card: card() }, call);
            else if (each === 'registerIdle')
              await handlers.agentRegister({ agentId, card: card(), state: 'registered' }, call);
            else if (each === 'suspend') await handlers.agentSuspend({ agentId }, root);
            else if (each === 'resume') await handlers.agentResume({ agentId }, root);
            else if (each === 'deregister') await handlers.agentDeregister({ agentId }, call);
            else if (each === 'drop') {
              session.close();
              session = connect('ann');
            } else if (each === 'wait') await time.advance(40_000);
            else await handlers.agentSetState({ agentId, state: each }, call);
          } catch (error) {
            expect(error instanceof OrchestratorError ? error.errorName : error).to.be.oneOf([
              'transition_refused',
              'agent_not_found',
              'stale_epoch',
            ]);
          }
        }
        const page = await store.range({ from: 'journal/', to: 'journal0', limit: 1000 });
        const records = page.entries.map(
          (entry) => entry.value as { action: string; details: { from: AgentState; to: AgentState } },
        );
        const moves = records
          .filter((record) => record.action === 'agent.stateChanged')
          .map((record) => record.details);
        expect(moves.filter(({ from, to }) => TRANSITIONS[from][to] === undefined)).to.deep.equal([]);
        await stop();
      }),
      { numRuns: 60 },
    );
  });

  it('keeps a suspended agent suspended over reconnects until an operator resumes it [AGENTS-10]', async () => {
    const { handlers, connect, stop } = await startCore();
    const root = callBy(connect('root', 'operator'));
    const first = connect('ann');
    await handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(first));
    const { state: suspended, reason } = await handlers.agentSuspend({ agentId: 'echo', reason: 'looks wrong' }, root);
    first.close();
    const young = connect('ann');
    const { state: back } = await handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(young));
    const own = await failure(() => handlers.agentSetState({ agentId: 'echo', state: 'ready' }, callBy(young)));
    const { state: resumed, reason: none } = await handlers.agentResume({ agentId: 'echo' }, root);
    expect({ suspended, reason, back, own, resumed, none }).to.deep.equal({
      suspended: 'suspended',
      reason: 'looks wrong',
      back: 'suspended',
      own: { name: 'transition_refused', from: 'suspended', to: 'ready', allowed: ['deregistered'] },
      resumed: 'ready',
      none: undefined,
    });
    await stop();
  });
});
