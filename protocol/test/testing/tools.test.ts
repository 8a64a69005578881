import { expect } from 'chai';
import { OrchestratorError } from '../../src/client/node.js';
import type { AgentTools, Client } from '../../src/client/node.js';
import { startTestOrchestrator } from '../../src/testing/index.js';
import type { TestOrchestrator } from '../../src/testing/index.js';

const GRANTS = { grants: [{ roles: ['agent'], tools: ['*'], capabilities: ['*'] }] };

async function provided(tools: AgentTools): Promise<{ orchestrator: TestOrchestrator; worker: Client; asker: Client }> {
  const orchestrator = await startTestOrchestrator({ tools: GRANTS });
  const worker = await orchestrator.connect({ principal: 'worker', onError: () => undefined });
  await worker.agent({ agentId: 'worker', card: { name: 'Worker', version: '1.2.0' }, tools });
  return { orchestrator, worker, asker: await orchestrator.connect({ principal: 'asker' }) };
}

const failed = async (attempt: Promise<unknown>): Promise<string> =>
  attempt.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof OrchestratorError ? error.errorName : String(error)),
  );

describe('tools of an agent with the client', () => {
  it('answer whoever calls them by name, with arguments that their schemas allow [TOOL-67]', async () => {
    const { orchestrator, asker } = await provided({
      add: {
        description: 'The sum of two numbers.',
        inputSchema: {
          type: 'object',
          properties: { a: { type: 'number' }, b: { type: 'number' } },
          required: ['a', 'b'],
        },
        outputSchema: { type: 'object', properties: { sum: { type: 'number' } }, required: ['sum'] },
        handler: ({ a, b }: { a: number; b: number }) => ({ sum: a + b }),
      },
      hello: { handler: (_args, { envelope }) => `hello ${envelope.caller}` },
    });
    const added = await asker.callTool('add', { a: 1, b: 2 }, { version: '^1.0.0' });
    const greeted = await asker.callTool('hello');
    const wrong = await failed(asker.callTool('add', { a: 'x', b: 2 }));
    const absent = await failed(asker.callTool('add', { a: 1, b: 2 }, { version: '^2.0.0' }));
    await orchestrator.stop();

    expect(added).to.deep.equal({ content: [{ type: 'text', text: '{"sum":3}' }], structuredContent: { sum: 3 } });
    expect(greeted).to.deep.equal({ content: [{ type: 'text', text: 'hello asker' }] });
    expect([wrong, absent]).to.deep.equal(['invalid_params', 'not_found']);
  });

  it('say how far they are, and are told when nobody waits any more [TOOL-68]', async () => {
    const ended: string[] = [];
    let begun: () => void = () => undefined;
    const hasBegun = new Promise<void>((resolve) => (begun = resolve));
    const { orchestrator, asker } = await provided({
      count: {
        handler: async (_args, work) => {
          for (const step of [1, 2, 2, 3]) work.progress(step, 3);
          return 'counted';
        },
      },
      hang: {
        handler: async (_args, { signal }) => {
          begun();
          await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
          ended.push('told');
        },
      },
    });
    const seen: unknown[] = [];
    await asker.callTool('count', {}, { onProgress: (progress) => seen.push(progress) });
    const caller = new AbortController();
    const waiting = failed(asker.callTool('hang', {}, { signal: caller.signal }));
    await hasBegun;
    caller.abort();
    const how = await waiting;
    const timed = failed(asker.callTool('hang', {}, { timeoutMs: 1_000 }));
    await orchestrator.advance(1_500);
    const late = await timed;
    await orchestrator.stop();

    expect(seen).to.deep.equal([1, 2, 3].map((progress) => ({ progress, total: 3 })));
    expect([how, late]).to.deep.equal(['canceled', 'deadline_exceeded']);
    expect(ended.length).to.be.at.least(1);
  });

  it('are offered again on each connection, and can be called once they are [TOOL-69]', async () => {
    const { orchestrator, asker } = await provided({ hello: { handler: () => 'hello' } });
    orchestrator.cut();
    let answer: unknown = 'never';
    for (let attempt = 0; attempt < 200; attempt++) {
      const tried = await asker.callTool('hello').catch((error: unknown) => error);
      if (!(tried instanceof Error)) {
        answer = tried;
        break;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await orchestrator.stop();

    expect(answer).to.deep.equal({ content: [{ type: 'text', text: 'hello' }] });
  });

  it('are called within work in its context and under its trace [TOOL-65]', async () => {
    const traceparent = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
    const { orchestrator, worker, asker } = await provided({
      inner: { handler: (_args, { envelope }) => ({ traceparent: envelope.traceparent }) },
      outer: { handler: async (_args, work) => (await work.callTool('inner')).structuredContent },
    });
    await worker.agent({
      agentId: 'desk',
      card: { name: 'Desk', version: '1.0.0' },
      skills: { ask: { handler: async (_input, work) => (await work.callTool('outer')).structuredContent } },
    });
    const { payload } = await asker.request({ agent: 'desk' }, null, { traceparent });
    await orchestrator.stop();

    expect(payload).to.deep.equal({ traceparent });
  });
});

describe('callTool', () => {
  it('answers what a tool asks for, where somebody says how [TOOL-67]', async () => {
    const { orchestrator, asker } = await provided({ plain: { handler: () => undefined } });
    const reply = await asker.callTool('plain', {}, { onInput: () => ({}) });
    await orchestrator.stop();
    expect(reply).to.deep.equal({ content: [] });
  });
});
