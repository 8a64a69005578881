import { expect } from 'chai';
import { OrchestratorError } from '../../src/index.js';
import { startTestOrchestrator } from '../../src/testing/index.js';
import { loadCore } from '../../src/testing/load-core.js';

const card = { name: 'Echo', version: '1.0.0' };
const echo = { agentId: 'echo', card, skills: { echo: { handler: (payload: unknown) => payload } } };

describe('test orchestrator', () => {
  it('runs an agent against the real core, without a port or a disk [CLIENT-61]', async () => {
    const orchestrator = await startTestOrchestrator();
    const agents = await orchestrator.connect();
    await agents.agent(echo);
    const asker = await orchestrator.connect({ principal: 'asker', role: 'operator' });
    const answer = await asker.request({ skill: 'echo' }, 'hello');
    const refused = await asker.agent(echo).then(String, (error: unknown) => error);
    const { entries } = await asker.call('journal.read', {});
    await orchestrator.stop();
    expect({ answer, journal: entries.map(({ action, principal }) => [action, principal]) }).to.deep.equal({
      answer: { agent: 'echo', payload: 'hello' },
      journal: [
        ['agent.registered', 'tester'],
        ['permission.denied', 'asker'],
      ],
    });
    expect(refused).to.be.instanceOf(OrchestratorError).with.property('errorName', 'agent_id_taken');
  });

  it('has a time that the test moves, for the core and for its clients [CLIENT-62]', async () => {
    const orchestrator = await startTestOrchestrator();
    const agents = await orchestrator.connect();
    await agents.agent({ agentId: 'echo', card, handler: () => new Promise(() => undefined) });
    const client = await orchestrator.connect();
    const asked = client.request({ agent: 'echo' }, null, { timeoutMs: 3_600_000 }).catch((error: unknown) => error);
    await orchestrator.advance(3_599_000);
    const early = await Promise.race([asked, Promise.resolve('waiting')]);
    await orchestrator.advance(2_000);
    expect(early).to.equal('waiting');
    expect(await asked).to.have.property('errorName', 'deadline_exceeded');
    await orchestrator.stop();
  });

  it('cuts connections and starts again, and its clients come back by themselves [CLIENT-63]', async () => {
    const orchestrator = await startTestOrchestrator();
    const agents = await orchestrator.connect();
    await agents.agent(echo);
    const asker = await orchestrator.connect();
    orchestrator.cut();
    await orchestrator.advance(1_000);
    const afterCut = await asker.request({ skill: 'echo' }, 1);
    await orchestrator.restart();
    await orchestrator.advance(1_000);
    const afterRestart = await asker.request({ skill: 'echo' }, 2);
    await orchestrator.stop();
    expect([afterCut.payload, afterRestart.payload]).to.deep.equal([1, 2]);
  });

  it('says what to install when the core is not there [CLIENT-64]', async () => {
    const missing = await loadCore('@ai-orchestrator/not-there').then(String, String);
    expect(missing).to.include('npm install --save-dev @ai-orchestrator/core');
  });
});
