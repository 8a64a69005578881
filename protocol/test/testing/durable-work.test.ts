import { expect } from 'chai';
import { OrchestratorError } from '../../src/index.js';
import type { TaskEvent, TaskFailure } from '../../src/client/node.js';
import { startTestOrchestrator } from '../../src/testing/index.js';

const card = { name: 'Worker', version: '1.0.0' };

/** Everything that is about to happen does, the pauses before reconnecting too. */
const SOON_MS = 1_000;

describe('an agent against the core', () => {
  it('handles a message once, and its sender has the receipt, though every connection is cut meanwhile [CLIENT-78]', async () => {
    const orchestrator = await startTestOrchestrator();
    const sender = await orchestrator.connect();
    const recipient = await orchestrator.connect();
    const handled: unknown[] = [];
    const finish: (() => void)[] = [];
    const agent = await recipient.agent({ agentId: 'books', card });
    agent.onMessage('invoice', async (payload, { envelope }) => {
      handled.push([payload, envelope.type, envelope.from]);
      await new Promise<void>((resolve) => finish.push(resolve));
    });
    const sent = await sender.send({ agent: 'books' }, { total: 5 }, { type: 'invoice' });
    await orchestrator.advance(SOON_MS);
    orchestrator.cut();
    await orchestrator.advance(600_000);
    finish[0]?.();
    const { outcome, attempts } = await sent.receipt;
    expect({ handled, outcome, attempts }).to.deep.equal({
      handled: [[{ total: 5 }, 'invoice', 'tester']],
      outcome: 'handled',
      attempts: 2,
    });
    await orchestrator.stop();
  });

  it('sends once what a handler sends before, while and after its connection is cut, and runs it once [CLIENT-73]', async () => {
    const orchestrator = await startTestOrchestrator();
    const client = await orchestrator.connect({ principal: 'office' });
    const worker = await orchestrator.connect({ principal: 'worker' });
    const filed: unknown[] = [];
    const because = new Set<unknown>();
    let runs = 0;
    let done: () => void = () => undefined;
    const over = new Promise<void>((resolve) => (done = resolve));
    await client.agent({
      agentId: 'files',
      card,
      handler: (payload, work) => {
        if (work.kind === 'message') because.add(work.envelope.causationId);
        filed.push(payload);
      },
    });
    await worker.agent({
      agentId: 'books',
      card,
      handler: async (_, work) => {
        runs += 1;
        await work.send({ agent: 'files' }, 'before');
        const underWay = work.send({ agent: 'files' }, 'while');
        orchestrator.cut();
        for await (const { state } of worker.status()) if (state !== 'connected') break;
        await Promise.all([underWay, work.send({ agent: 'files' }, 'away')]);
        await work.send({ agent: 'files' }, 'after');
        done();
      },
    });
    const sent = await client.send({ agent: 'books' }, null);
    const moving = (async () => {
      for (let i = 0; i < 30; i += 1) await orchestrator.advance(SOON_MS);
    })();
    await over;
    await moving;
    const { outcome } = await sent.receipt;
    expect({ runs, outcome, filed: filed.sort(), because }).to.deep.equal({
      runs: 1,
      outcome: 'handled',
      filed: ['after', 'away', 'before', 'while'],
      because: new Set([sent.messageId]),
    });
    await orchestrator.stop();
  });

  it('tries a message again that its handler threw at, and gives up on one that cannot succeed [CLIENT-78]', async () => {
    const orchestrator = await startTestOrchestrator({ limits: { messages: { attempts: 3 } } });
    const errors: unknown[] = [];
    const client = await orchestrator.connect({ onError: (error) => errors.push(error) });
    let tries = 0;
    await client.agent({
      agentId: 'books',
      card,
      messages: {
        flaky: {
          handler: () => {
            tries += 1;
            if (tries < 3) throw new Error('the till is locked');
          },
        },
        broken: {
          handler: () => {
            throw new Error('always');
          },
        },
        wrong: {
          handler: () => {
            throw new OrchestratorError('invalid_params', 'no such account');
          },
        },
      },
    });
    const outcomes: unknown[] = [];
    for (const type of ['flaky', 'broken', 'wrong']) {
      const { receipt } = await client.send({ agent: 'books' }, null, { type });
      await orchestrator.advance(60_000);
      const { outcome, attempts } = await receipt;
      outcomes.push([type, outcome, attempts]);
    }
    expect(outcomes).to.deep.equal([
      ['flaky', 'handled', 3],
      ['broken', 'deadLettered', 3],
      ['wrong', 'failed', 1],
    ]);
    expect(errors.length).to.equal(5);
    await orchestrator.stop();
  });

  it('does a task that waited for it, and its submitter sees each event though every connection is cut at each [CLIENT-88]', async () => {
    const orchestrator = await startTestOrchestrator();
    const submitter = await orchestrator.connect();
    const worker = await orchestrator.connect();
    let go: () => void = () => undefined;
    await worker.agent({
      agentId: 'worker',
      card,
      skills: {
        add: {
          handler: async (numbers: readonly number[], work) => {
            let sum = 0;
            for (const n of numbers) {
              work.progress((sum += n) / 10);
              await new Promise<void>((resolve) => (go = resolve));
            }
            return sum;
          },
        },
      },
    });
    const task = await submitter.submitTask({ skill: 'add' }, [1, 2, 3, 4], { title: 'Add' });
    const seen: TaskEvent[] = [];
    for await (const event of task) {
      seen.push(event);
      if (event.type === 'progress') go();
      orchestrator.cut();
    }
    const events = seen.map(({ event, type, state, progress }) => [event, type, progress ?? state]);
    expect({ output: await task.result, events }).to.deep.equal({
      output: 10,
      events: [
        [1, 'status', 'submitted'],
        [2, 'status', 'working'],
        [3, 'progress', 0.1],
        [4, 'progress', 0.3],
        [5, 'progress', 0.6],
        [6, 'progress', 1],
        [7, 'status', 'completed'],
      ],
    });
    await orchestrator.stop();
  });

  it('asks for input, streams an artifact, and hands part of the work on, though every connection is cut meanwhile [CLIENT-88]', async () => {
    const orchestrator = await startTestOrchestrator();
    const client = await orchestrator.connect();
    const worker = await orchestrator.connect();
    await worker.agent({
      agentId: 'worker',
      card,
      skills: {
        letter: {
          handler: async (_, work) => {
            if (work.kind !== 'task') throw new OrchestratorError('invalid_params', 'submit it as a task');
            const name = String(await work.needInput({ question: 'To whom?' }));
            const greeting = await work.submit({ skill: 'greet' }, name);
            const letter = async function* () {
              yield `${String(await greeting.result)}\n`;
              orchestrator.cut();
              for (let i = 0; i < 20; i += 1) yield await Promise.resolve(`line ${String(i)}\n`);
            };
            return work.artifact('letter', letter(), { contentType: 'text/plain' });
          },
        },
        greet: { handler: (name) => `Dear ${String(name)},` },
      },
    });
    const task = await client.submitTask({ skill: 'letter' }, null);
    const types: string[] = [];
    for await (const { type } of task) {
      if (types.at(-1) !== type) types.push(type);
      orchestrator.cut();
      const [asked] = (await task.get()).inputs ?? [];
      if (asked) await task.respond(asked.inputId, 'Ada');
    }
    const text = await task.artifact('letter').text();
    expect({ types, lines: text.split('\n').length, first: text.split('\n')[0] }).to.deep.equal({
      types: ['status', 'input', 'artifact', 'status'],
      lines: 22,
      first: 'Dear Ada,',
    });
    expect(await task.result).to.deep.include({ version: 1, chunks: 21 });
    await orchestrator.stop();
  });

  it('is told by a task how it ended when it was not completed, and stops when it is canceled [CLIENT-88]', async () => {
    const orchestrator = await startTestOrchestrator();
    const client = await orchestrator.connect();
    const reasons: unknown[] = [];
    await client.agent({
      agentId: 'worker',
      card,
      skills: {
        refuse: {
          handler: () => {
            throw new OrchestratorError('invalid_params', 'not like this');
          },
        },
        wait: {
          handler: (_, { signal }) =>
            new Promise((_resolve, reject) =>
              signal.addEventListener('abort', () => {
                reasons.push(String(signal.reason));
                reject(signal.reason as Error);
              }),
            ),
        },
      },
    });
    const refused = await client.submitTask({ skill: 'refuse' }, null);
    const failure: unknown = await refused.result.catch((error: unknown) => error);
    const waiting = await client.submitTask({ skill: 'wait' }, null);
    await orchestrator.advance(SOON_MS);
    await waiting.cancel('enough');
    const canceled: unknown = await waiting.result.catch((error: unknown) => error);
    expect([failure, canceled].map((error) => (error as TaskFailure).task.state)).to.deep.equal(['failed', 'canceled']);
    expect(reasons.length).to.equal(1);
    await orchestrator.stop();
  });

  it('keeps a task for as long as its handler takes, and does it again after a restart of the orchestrator [CLIENT-88]', async () => {
    const orchestrator = await startTestOrchestrator();
    const client = await orchestrator.connect();
    let runs = 0;
    let finish: () => void = () => undefined;
    await client.agent({
      agentId: 'worker',
      card,
      skills: {
        slow: {
          handler: async () => {
            runs += 1;
            await new Promise<void>((resolve) => (finish = resolve));
            return 'done';
          },
        },
      },
    });
    const task = await client.submitTask({ skill: 'slow' }, null);
    await orchestrator.advance(600_000);
    expect(runs).to.equal(1);
    await orchestrator.restart();
    await orchestrator.advance(60_000);
    finish();
    expect([await task.result, runs, (await task.get()).attempt]).to.deep.equal(['done', 2, 1]);
    await orchestrator.stop();
  });
});
