import { taskMethods } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { compileSchema } from '../../src/index.js';
import { callBy, failure } from '../support/core.js';
import { lastGiven, TaskWorld } from './task-world.js';

const contextId = 'talk';
const SECRET = 'a word in confidence';

async function begin() {
  const world = await TaskWorld.start();
  const worker = await world.worker('w');
  await world.context(contextId);
  const transcript = async () => {
    const { entries } = await world.core.handlers.contextRead({ contextId }, callBy(world.asker));
    return entries.map(({ by, agent, type, ref, reason, payload }) => ({ by, agent, type, ref, reason, payload }));
  };
  return { world, worker, transcript };
}

describe('a task of a context', () => {
  it('tells the transcript, in the commits of what happens to it, what is done and how it ends [CTX-30]', async () => {
    const { world, worker, transcript } = await begin();
    const { taskId } = await world.submit({ contextId, input: { question: 1 } });
    const params = { taskId, epoch: 1, artifactId: 'a', chunk: 0, last: true, encoding: 'text' } as const;
    await world.core.handlers.taskArtifact(params, callBy(worker, 'task.artifact', 'text'));
    await world.complete({ taskId, epoch: 1 }, worker, { answer: 2 });
    const sub = await world.submit({ input: 'outside' });
    const at = { by: 'asker', agent: undefined, type: 'task', ref: { task: taskId } };
    const byWorker = { by: 'owner-of-w', agent: 'w' };
    expect(await transcript()).to.deep.equal([
      { ...at, reason: 'submitted', payload: { question: 1 } },
      { ...byWorker, type: 'artifact', ref: { task: taskId, artifact: 'a' }, reason: undefined, payload: undefined },
      { ...at, ...byWorker, reason: 'completed', payload: { answer: 2 } },
    ]);
    expect((await world.get(sub.taskId)).task.contextId).to.equal(undefined);
    await world.core.stop();
  });

  it('is refused from who does not speak in it, and once it is closed; a sub-task is in the context of its parent [CTX-31]', async () => {
    const { world, worker, transcript } = await begin();
    const stranger = await failure(() => world.submit({ by: worker, contextId }));
    const root = await world.submit({ contextId });
    const child = await world.submit({ by: worker, parentTaskId: root.taskId });
    await world.core.handlers.contextClose({ contextId }, callBy(world.asker));
    const late = await failure(() => world.submit({ contextId }));
    const lateChild = await world.submit({ by: worker, parentTaskId: root.taskId });
    expect({
      refusals: [stranger.name, late.name],
      contexts: [(await world.get(child.taskId)).task.contextId, (await world.get(lateChild.taskId)).task.contextId],
      told: (await transcript()).map(({ type, reason }) => reason ?? type),
    }).to.deep.equal({
      refusals: ['not_found', 'context_closed'],
      contexts: [contextId, contextId],
      told: ['submitted', 'submitted', 'closed'],
    });
    await world.core.stop();
  });

  it('passes its context, cause and hops on to messages that its worker sends for it, and to nobody else [MSG-36]', async () => {
    const { world, worker, transcript } = await begin();
    const other = await world.worker('other', { skills: ['else'] });
    const { handlers } = world.core;
    const { taskId: parentId } = await world.submit({ contextId, correlationId: 'order 7' });
    const to = { agent: 'other' };
    const { messageId } = await handlers.messageSend({ to, parentId }, callBy(worker, 'message.send', 'for it'));
    const stranger = await failure(() => handlers.messageSend({ to, parentId }, callBy(other, 'message.send', 1)));
    await world.complete({ taskId: parentId, epoch: 1 }, worker);
    const late = await failure(() => handlers.messageSend({ to, parentId }, callBy(worker, 'message.send', 1)));
    const { messages } = await handlers.inboxPull({ agentId: 'other' }, callBy(other));
    expect({
      messages: messages.map(({ message }) => {
        const { id, hops, chain, correlationId, causationId, fromAgent } = message;
        return { id, contextId: message.contextId, hops, chain, correlationId, causationId, fromAgent };
      }),
      refusals: [stranger.name, late.name],
      told: (await transcript()).map(({ type, reason, agent }) => [type, reason, agent]),
    }).to.deep.equal({
      messages: [
        {
          id: messageId,
          contextId,
          hops: 1,
          chain: ['w'],
          correlationId: 'order 7',
          causationId: parentId,
          fromAgent: 'w',
        },
      ],
      refusals: ['not_found', 'not_found'],
      told: [
        ['task', 'submitted', undefined],
        ['messageSent', undefined, 'w'],
        ['task', 'completed', 'w'],
      ],
    });
    await world.core.stop();
  });

  it('loses its content with it: input, output, artifacts, progress, inputs, late results; its outcome stays [CTX-32]', async () => {
    const { world, worker } = await begin();
    const done = await world.submit({ contextId, input: SECRET, title: SECRET, labels: { note: SECRET } });
    const { handlers } = world.core;
    const at = { taskId: done.taskId, epoch: 1 };
    await handlers.taskProgress({ ...at, progress: 0.5, message: SECRET }, callBy(worker));
    const chunk = { ...at, artifactId: 'a', chunk: 0, last: true, encoding: 'text' } as const;
    await handlers.taskArtifact(chunk, callBy(worker, 'task.artifact', SECRET));
    const { inputId } = await handlers.taskNeedInput({ ...at, kind: 'input', prompt: SECRET }, callBy(worker));
    const answer = { taskId: done.taskId, inputId };
    await handlers.taskRespond(answer, callBy(world.asker, 'task.respond', SECRET));
    await world.complete(at, worker, SECRET);
    await failure(() => world.complete(at, worker, `${SECRET} late`));
    const failed = await world.submit({ contextId, input: SECRET, retry: { maxAttempts: 1 } });
    const error = { name: 'broken', message: SECRET, data: SECRET };
    await handlers.taskFail({ taskId: failed.taskId, epoch: 1, error }, callBy(worker));
    const answered = await world.submit({ contextId, retry: { maxAttempts: 1 } });
    lastGiven(worker).call.answer({ kind: 'error', code: 1, message: SECRET, data: { name: SECRET } });
    await world.rest();
    const working = await world.submit({ contextId, input: SECRET });
    const { erased } = await handlers.contextErase({ contextId }, callBy(world.asker, 'context.erase'));
    await failure(() => world.complete({ taskId: working.taskId, epoch: 1 }, worker, `${SECRET} later`));
    const { entries } = await world.store.range({ from: '!', to: '~', limit: 1000 });
    const states = await Promise.all([done, failed, answered, working].map(({ taskId }) => world.state(taskId)));
    expect({
      tasks: erased.tasks,
      secret: entries.filter(({ value }) => JSON.stringify(value).includes(SECRET)).map(({ key }) => key),
      states,
    }).to.deep.equal({ tasks: 4, secret: [], states: ['completed #1', 'failed #1', 'failed #1', 'canceled #1'] });
    await world.core.stop();
  });

  it('has no room for words in the names of errors, which the journal keeps for good [CTX-32]', () => {
    const check = compileSchema(taskMethods.taskFail.params);
    const issues = (name: string) =>
      check({ taskId: '019b76da-a800-7000-8000-000000000000', epoch: 1, error: { name, message: '' } })?.map(
        ({ path }) => path,
      );
    const names = ['no_wood', 'TypeError', 'http.503', SECRET, '', 'a'.repeat(65)];
    const refused = ['/error/name'];
    expect(names.map(issues)).to.deep.equal([undefined, undefined, undefined, refused, refused, refused]);
  });

  it('has no events once it is erased: who had not seen them all is told so [TASK-21]', async () => {
    const { world } = await begin();
    const { taskId } = await world.submit({ contextId });
    const { taskWatch, contextErase } = world.core.handlers;
    const slow = world.core.connect('asker');
    let release = (): void => undefined;
    const read = new Promise<void>((resolve) => (release = resolve));
    const { subscribe } = slow;
    // Its connection takes nothing more after the first events.
    slow.subscribe = (source) =>
      subscribe.call(slow, async function* (signal) {
        for await (const batch of source(signal)) {
          yield batch;
          await read;
        }
      });
    const watcher = world.core.connect('asker');
    for (const by of [slow, watcher]) await taskWatch({ taskId, fromStart: true }, callBy(by));
    await world.rest();
    await contextErase({ contextId }, callBy(world.asker, 'context.erase'));
    release();
    await world.rest();
    const again = await failure(() => taskWatch({ taskId, fromStart: true }, callBy(watcher)));
    const told = [slow, watcher].map(({ notifications }) => {
      const { method, params } = notifications.at(-1) ?? expect.fail('it was told nothing');
      const { entries, error } = params as { entries?: { state: string }[]; error?: string };
      return [method, error ?? entries?.at(-1)?.state];
    });
    expect({ told, again: again.name }).to.deep.equal({
      told: [
        ['subscription.closed', 'cursor_expired'],
        ['subscription.events', 'canceled'],
      ],
      again: 'cursor_expired',
    });
    await world.core.stop();
  });
});
