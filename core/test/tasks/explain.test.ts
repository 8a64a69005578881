import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import { lastGiven, TaskWorld } from './task-world.js';

describe('task.explain', () => {
  it('says of a task that waits until when, and of each agent why it does not get it [TASK-27]', async () => {
    const world = await TaskWorld.start({ limits: { queuedMs: 60_000, window: 1 } });
    const { handlers } = world.core;
    const away = await world.worker('away');
    away.close();
    await world.worker('idle', { opens: false });
    await world.worker('busy');
    await world.submit();
    const { taskId } = await world.submit();
    await world.rest();
    const { task, ...why } = await handlers.taskExplain({ taskId }, callBy(world.asker));
    expect(task.state).to.equal('submitted');
    expect(why).to.deep.equal({
      waitsFor: 'agent',
      until: '2026-01-01T00:01:00.000Z',
      attempts: { used: 0, most: 3 },
      waiting: 1,
      candidates: [
        { agent: 'away', eligible: false, reasons: ['it is not connected'], load: 0 },
        { agent: 'busy', eligible: false, reasons: ['it works on as many as it takes: 1'], load: 1 },
        { agent: 'idle', eligible: false, reasons: ['it takes no tasks as calls'], load: 0 },
      ],
    });
    await world.core.stop();
  });

  it('says who has a task and for how long, when the next attempt is, and that it waits for input or nothing [TASK-27]', async () => {
    const world = await TaskWorld.start({ limits: { runningMs: 10_000, leaseMs: 30_000, graceMs: 5_000 } });
    const { handlers } = world.core;
    const explain = async (taskId: string) => handlers.taskExplain({ taskId }, callBy(world.asker));
    const worker = await world.worker('w');
    const { taskId } = await world.submit({ retry: { backoffMs: 1000, backoffMaxMs: 1000 } });
    await world.rest();
    const working = await explain(taskId);
    expect([working.waitsFor, working.until, working.lease, working.candidates]).to.deep.equal([
      'result',
      '2026-01-01T00:00:10.000Z',
      { agent: 'w', epoch: 1, connected: true, expiresAt: '2026-01-01T00:00:30.000Z' },
      [],
    ]);
    const { epoch } = lastGiven(worker);
    await handlers.taskNeedInput({ taskId, epoch, kind: 'input', prompt: 'May I?' }, callBy(worker));
    expect((await explain(taskId)).waitsFor).to.equal('input');
    await handlers.taskFail({ taskId, epoch, error: { name: 'no_luck', message: '' } }, callBy(worker));
    const next = await explain(taskId);
    expect([next.waitsFor, next.error, next.attempts, next.candidates]).to.deep.equal([
      'nextAttempt',
      'no_luck',
      { used: 1, most: 3 },
      [{ agent: 'w', eligible: true, reasons: [], load: 0 }],
    ]);
    await world.pass(2000);
    await world.complete(lastGiven(worker), worker);
    const { waitsFor, until } = await explain(taskId);
    expect({ waitsFor, until }).to.deep.equal({ waitsFor: 'nothing', until: undefined });
    const stranger = callBy(world.core.connect('stranger'));
    expect(await failure(() => handlers.taskExplain({ taskId }, stranger))).to.include({ name: 'task_not_found' });
    await world.core.stop();
  });
});
