import { expect } from 'chai';
import fc from 'fast-check';
import {
  interruptTask,
  isFinal,
  isHeld,
  moveTask,
  TASK_TRANSITIONS,
  taskSuccessors,
} from '../../src/tasks/life-cycle.js';
import type { Course, TaskActor, TaskState } from '../../src/tasks/life-cycle.js';
import { failure } from '../support/core.js';

const STATES = Object.keys(TASK_TRANSITIONS) as TaskState[];
const ACTORS: TaskActor[] = ['requester', 'worker', 'daemon'];
const NEW: Course = { state: 'submitted', attempt: 0, epoch: 0 };

type Step = { readonly to: TaskState; readonly actor: TaskActor } | 'interrupt';

const step = fc.oneof(
  { weight: 9, arbitrary: fc.record({ to: fc.constantFrom(...STATES), actor: fc.constantFrom(...ACTORS) }) },
  { weight: 1, arbitrary: fc.constant('interrupt' as const) },
);

/** The course after a step, or `undefined` where the step is refused. */
function after(course: Course, taken: Step): Course | undefined {
  try {
    return taken === 'interrupt' ? interruptTask(course) : moveTask(course, taken.to, taken.actor);
  } catch {
    return undefined;
  }
}

describe('life cycle of a task', () => {
  it('reaches no forbidden transition, whatever is tried in whatever order [TASK-01]', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let course = NEW;
        for (const taken of steps) {
          const next = after(course, taken);
          const { to, actor } = taken === 'interrupt' ? { to: 'submitted' as const, actor: 'daemon' as const } : taken;
          const allowed = TASK_TRANSITIONS[course.state][to]?.includes(actor) === true;
          expect(next === undefined ? 'refused' : next.state).to.equal(allowed ? to : 'refused');
          course = next ?? course;
        }
      }),
    );
  });

  it('is over in its final states [TASK-01]', () => {
    const final = STATES.filter(isFinal);
    expect(final).to.deep.equal(['completed', 'failed', 'canceled', 'rejected']);
    for (const state of final) for (const actor of ACTORS) expect(taskSuccessors(state, actor)).to.deep.equal([]);
  });

  it('only raises attempts and epochs, and the epoch with every assignment [TASK-02]', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let course = NEW;
        for (const taken of steps) {
          const next = after(course, taken) ?? course;
          const assigned = course.state === 'submitted' && next.state === 'working';
          expect(next.epoch - course.epoch).to.equal(assigned ? 1 : 0);
          expect(next.attempt - course.attempt).to.equal(assigned && course.interrupted !== true ? 1 : 0);
          expect(next.attempt).to.be.at.most(next.epoch);
          expect(isHeld(next.state) && next.epoch === 0).to.equal(false);
          course = next;
        }
      }),
    );
  });

  it('does not count an attempt twice that the daemon interrupted [TASK-02]', () => {
    const first = moveTask(NEW, 'working', 'daemon');
    const second = moveTask(interruptTask(first), 'working', 'daemon');
    expect([first, second]).to.deep.equal([
      { state: 'working', attempt: 1, epoch: 1 },
      { state: 'working', attempt: 1, epoch: 2 },
    ]);
  });

  it('says from where to where it could go when it refuses [TASK-01]', async () => {
    expect(await failure(() => moveTask(NEW, 'completed', 'worker'))).to.deep.equal({
      name: 'task_state',
      from: 'submitted',
      to: 'completed',
      allowed: [],
    });
    expect(await failure(() => moveTask({ ...NEW, state: 'working' }, 'input-required', 'requester'))).to.deep.equal({
      name: 'task_state',
      from: 'working',
      to: 'input-required',
      allowed: ['canceled'],
    });
  });
});
