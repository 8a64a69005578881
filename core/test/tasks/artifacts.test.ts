import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import type { MemorySession } from '../support/memory-session.js';
import { lastGiven, TaskWorld } from './task-world.js';

interface Chunk {
  readonly chunk: number;
  readonly last?: boolean;
  readonly version?: number;
  readonly artifactId?: string;
  readonly encoding?: 'json' | 'text' | 'base64';
  readonly epoch?: number;
}

async function begin(limits: object = {}) {
  const world = await TaskWorld.start({ limits });
  const worker = await world.worker('w');
  const { taskId } = await world.submit({ retry: { backoffMs: 1 } });
  const add = (part: Chunk, data: unknown, by: MemorySession = worker) => {
    const { chunk, last = false, artifactId = 'a', encoding = 'text', epoch = 1, version } = part;
    const params = { taskId, epoch, artifactId, chunk, last, encoding, ...(version === undefined ? {} : { version }) };
    return world.core.handlers.taskArtifact(params, callBy(by, 'task.artifact', data));
  };
  const read = async (chunk: number, version?: number) => {
    const params = { taskId, artifactId: 'a', chunk, ...(version === undefined ? {} : { version }) };
    return world.core.handlers.taskReadArtifact(params, callBy(world.asker));
  };
  return { world, worker, taskId, add, read };
}

describe('task.artifact', () => {
  it('takes chunks in order, each once, and gives them back as they came [TASK-24]', async () => {
    const { world, taskId, add, read } = await begin();
    const answers = [await add({ chunk: 0 }, 'one'), await add({ chunk: 1, last: true }, 'two')];
    const again = await add({ chunk: 0 }, 'one');
    const gap = await failure(() => add({ chunk: 2, artifactId: 'b' }, 'x'));
    const noText = await failure(() => add({ chunk: 0, artifactId: 'b' }, { no: 'text' }));
    const beyond = await failure(() => read(2));
    const { artifacts } = await world.get(taskId, ['artifacts']);
    expect({ answers, again, gap: gap.name, noText: noText.name, beyond: beyond.name, artifacts }).to.deep.equal({
      answers: [
        { version: 1, chunks: 1, bytes: 5 },
        { version: 1, chunks: 2, bytes: 10 },
      ],
      again: { version: 1, chunks: 2, bytes: 10 },
      gap: 'conflict',
      noText: 'invalid_params',
      beyond: 'not_found',
      artifacts: [{ artifactId: 'a', version: 1, encoding: 'text', chunks: 2, bytes: 10, complete: true, attempt: 1 }],
    });
    expect([await read(0, 1), await read(1, 1)]).to.deep.equal([
      { version: 1, encoding: 'text', last: false, data: 'one' },
      { version: 1, encoding: 'text', last: true, data: 'two' },
    ]);
    await world.core.stop();
  });

  it('begins another version when it is said, or when another attempt begins anew [TASK-24]', async () => {
    const { world, worker, taskId, add, read } = await begin();
    await add({ chunk: 0 }, 'left behind');
    await world.core.handlers.taskFail({ taskId, epoch: 1, error: { name: 'x', message: '' } }, callBy(worker));
    await world.pass(500);
    const { epoch } = lastGiven(worker);
    const stale = await failure(() => add({ chunk: 1 }, 'late'));
    const second = await add({ chunk: 0, last: true, epoch }, 'anew');
    const closed = await failure(() => add({ chunk: 1, version: 2, epoch }, 'more'));
    const repeated = await add({ chunk: 0, version: 2, epoch }, 'anew');
    const third = await add({ chunk: 0, version: 3, last: true, epoch, encoding: 'json' }, { n: 3 });
    const far = await failure(() => add({ chunk: 0, version: 5, epoch }, 'x'));
    expect({
      names: [stale.name, closed.name, far.name],
      versions: [second.version, repeated.version, third.version],
      latest: await read(0),
    }).to.deep.equal({
      names: ['stale_attempt', 'conflict', 'conflict'],
      versions: [2, 2, 3],
      latest: { version: 3, encoding: 'json', last: true, data: { n: 3 } },
    });
    await world.core.stop();
  });

  it('begins another version when an attempt goes on after a stop of the daemon [TASK-24]', async () => {
    const { world, taskId, add } = await begin();
    await add({ chunk: 0, last: true }, 'before');
    const next = await world.restart('stop');
    const worker = await next.worker('w');
    await next.rest();
    const { epoch, attempt } = lastGiven(worker);
    const part = { taskId, epoch, artifactId: 'a', chunk: 0, last: true, encoding: 'text' } as const;
    const addAgain = () => next.core.handlers.taskArtifact(part, callBy(worker, 'task.artifact', 'after'));
    const answers = [(await addAgain()).version, (await addAgain()).version];
    const params = { taskId, artifactId: 'a', chunk: 0 };
    const latest = await next.core.handlers.taskReadArtifact(params, callBy(next.asker));
    expect({ attempt, answers, latest: (latest as { data?: unknown }).data }).to.deep.equal({
      attempt: 1,
      answers: [2, 2],
      latest: 'after',
    });
    await next.core.stop();
  });

  it('is bounded in versions and bytes of a task [TASK-24]', async () => {
    const few = await begin({ artifacts: 1 });
    await few.add({ chunk: 0 }, 'x');
    const tooMany = await failure(() => few.add({ chunk: 0, artifactId: 'b' }, 'x'));
    await few.world.core.stop();
    const small = await begin({ artifactBytes: 4096 });
    for (let chunk = 0; chunk < 4; chunk++) await small.add({ chunk }, 'x');
    const tooLarge = await failure(() => small.add({ chunk: 4 }, 'x'));
    await small.world.core.stop();
    expect([tooMany, tooLarge].map(({ name, limit }) => [name, limit])).to.deep.equal([
      ['limit_exceeded', 'tasks.artifacts'],
      ['limit_exceeded', 'tasks.artifactBytes'],
    ]);
  });
});
