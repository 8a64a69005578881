import { expect } from 'chai';
import type { TranscriptEntry } from '../../src/client/node.js';
import { startTestOrchestrator } from '../../src/testing/index.js';

const said = (entries: readonly TranscriptEntry[]) =>
  entries.filter(({ type }) => type === 'message').map(({ by, payload }) => `${by}: ${String(payload)}`);

describe('a context with the client', () => {
  it('is followed from any entry, each once and in order, though every connection is cut in between [CLIENT-89]', async () => {
    const orchestrator = await startTestOrchestrator();
    const ann = await orchestrator.connect({ principal: 'ann', role: 'operator' });
    const bob = await orchestrator.connect({ principal: 'bob', role: 'operator' });
    const context = await ann.createContext({ participants: [{ principal: 'bob' }] });
    for (let i = 1; i <= 3; i += 1) await context.append(i);
    const seen: TranscriptEntry[] = [];
    for await (const entry of bob.context(context.contextId).follow()) {
      seen.push(entry);
      const count = said(seen).length;
      if (count === 10) break;
      orchestrator.cut();
      if (count >= 3) await context.append(count + 1);
    }
    const all: TranscriptEntry[] = [];
    for await (const entry of context.read()) all.push(entry);
    expect(said(seen)).to.deep.equal(Array.from({ length: 10 }, (_, i) => `ann: ${String(i + 1)}`));
    expect(seen).to.deep.equal(all);
    await orchestrator.stop();
  });

  it('lets each participant speak when it is its turn [CLIENT-89]', async () => {
    const orchestrator = await startTestOrchestrator();
    const names = ['ann', 'bob', 'cid'];
    const clients = await Promise.all(names.map((principal) => orchestrator.connect({ principal, role: 'operator' })));
    const context = await clients[0]?.createContext({
      turns: 'roundRobin',
      participants: [{ principal: 'bob' }, { principal: 'cid' }],
    });
    const contextId = context?.contextId ?? '';
    await Promise.all(
      [...clients].reverse().map(async (client) => {
        const own = client.context(contextId);
        for (let i = 1; i <= 2; i += 1) await own.append(i, { waitForTurn: true });
      }),
    );
    const all: TranscriptEntry[] = [];
    for await (const entry of context?.read() ?? []) all.push(entry);
    const [first = ''] = said(all)[0]?.split(':') ?? [];
    const from = names.indexOf(first);
    const round = [...names.slice(from), ...names.slice(0, from)];
    expect(said(all)).to.deep.equal([1, 2].flatMap((i) => round.map((name) => `${name}: ${String(i)}`)));
    await orchestrator.stop();
  });

  it('tells who waits for a turn that none will come, or that all may speak [CLIENT-89]', async () => {
    const orchestrator = await startTestOrchestrator();
    const [lead, bob] = await Promise.all(
      ['lead', 'bob'].map((principal) => orchestrator.connect({ principal, role: 'operator' })),
    );
    const waits = async () => {
      const context = await lead?.createContext({ turns: 'moderator', participants: [{ principal: 'bob' }] });
      const waiting = bob?.context(context?.contextId ?? '').append('at last', { waitForTurn: true });
      await orchestrator.advance(10);
      return {
        context,
        end: waiting?.then(
          () => 'said',
          (error: unknown) => (error as { errorName: string }).errorName,
        ),
      };
    };
    const [freed, closed] = [await waits(), await waits()];
    await lead?.call('context.update', { contextId: freed.context?.contextId ?? '', turns: 'free' });
    await closed.context?.close();
    expect([await freed.end, await closed.end]).to.deep.equal(['said', 'context_closed']);
    await orchestrator.stop();
  });

  it('brings a message to all who speak in it, and its sender the receipt of each [CLIENT-79]', async () => {
    const orchestrator = await startTestOrchestrator();
    const convener = await orchestrator.connect({ principal: 'convener' });
    const got: unknown[] = [];
    for (const agentId of ['ann', 'bob']) {
      const client = await orchestrator.connect({ principal: agentId });
      const agent = await client.agent({ agentId, card: { name: agentId, version: '1.0.0' } });
      agent.onMessage('note', (payload, { envelope }) => got.push([agentId, payload, envelope.contextId]));
    }
    const participants = [{ agent: 'ann' }, { agent: 'bob' }];
    const context = await convener.createContext({ contextId: 'table', participants });
    const sent = await convener.send({ context: 'table' }, 'hello', { type: 'note' });
    await orchestrator.advance(1_000);
    const receipts = await sent.receipts;
    const told = [];
    for await (const { type, by } of context.read()) told.push([type, by]);
    expect({
      got: got.sort(),
      receipts: receipts.map(({ agent, outcome }) => [agent, outcome]).sort(),
      told,
      first: (await sent.receipt).messageId === sent.messages[0]?.messageId,
    }).to.deep.equal({
      got: [
        ['ann', 'hello', 'table'],
        ['bob', 'hello', 'table'],
      ],
      receipts: [
        ['ann', 'handled'],
        ['bob', 'handled'],
      ],
      told: [['messageSent', 'convener']],
      first: true,
    });
    await orchestrator.stop();
  });
});
