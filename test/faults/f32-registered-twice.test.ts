import { expect } from 'chai';
import { agent, listeningCore } from './support/listening-core.js';

describe('F32: two connections of one principal that register the same agent', () => {
  it('leave one owner, the newest; the old one is told, fenced, and gets no more requests [F32]', async () => {
    const daemon = await listeningCore();
    const [old, young, asker] = [await daemon.connect('ann'), await daemon.connect('ann'), await daemon.connect('bob')];
    await old.result('agent.register', agent('echo'));
    const open = asker.failure('message.request', { to: { agent: 'echo' }, payload: 'before' });
    while (old.received.length === 0) await old.result('daemon.ping');
    const { epoch } = await young.result('agent.register', agent('echo'));
    const abandoned = (await open).name;
    const fenced = (await old.failure('agent.heartbeat', { agentId: 'echo' })).name;
    const late = asker.failure('message.request', { to: { agent: 'echo' }, payload: 'after', timeoutMs: 200 });
    await late;
    const payloads = (connection: typeof old) =>
      connection.received.filter(({ method }) => method === 'message.deliver').map(({ params }) => params.payload);
    const seen = {
      epoch,
      abandoned,
      fenced,
      told: old.received.find(({ method }) => method === 'agent.replaced')?.params,
      old: payloads(old),
      young: payloads(young),
    };
    for (const connection of [old, young, asker]) await connection.close();
    await daemon.stop();
    expect(seen).to.deep.equal({
      epoch: 2,
      abandoned: 'agent_offline',
      fenced: 'stale_epoch',
      told: { agentId: 'echo', epoch: 2 },
      old: ['before'],
      young: ['after'],
    });
  });
});
