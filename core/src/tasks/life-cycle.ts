import { OrchestratorError } from '@ai-orchestrator/protocol';

/** Where a task is in its life [A2A 1.0 §4.1.3]; `submitted` also while it waits for another attempt. */
export type TaskState =
  'submitted' | 'working' | 'input-required' | 'auth-required' | 'completed' | 'failed' | 'canceled' | 'rejected';

/** Who may bring a transition about: who wants the work done, who does it, or the daemon (assignment, limits, retries). */
export type TaskActor = 'requester' | 'worker' | 'daemon';

const ENDS = {
  completed: ['worker'],
  failed: ['worker', 'daemon'],
  canceled: ['requester', 'daemon'],
  rejected: ['worker'],
} as const;

/** Every allowed transition, and who may bring it about. A state without successors is final. */
export const TASK_TRANSITIONS: Readonly<Record<TaskState, Readonly<Partial<Record<TaskState, readonly TaskActor[]>>>>> =
  {
    submitted: { working: ['daemon'], failed: ['daemon'], canceled: ENDS.canceled },
    working: { submitted: ['daemon'], 'input-required': ['worker'], 'auth-required': ['worker'], ...ENDS },
    'input-required': { submitted: ['daemon'], working: ['requester'], 'auth-required': ['worker'], ...ENDS },
    'auth-required': { submitted: ['daemon'], working: ['requester'], 'input-required': ['worker'], ...ENDS },
    completed: {},
    failed: {},
    canceled: {},
    rejected: {},
  };

/** Whether a task in this state has its outcome. */
export function isFinal(state: TaskState): boolean {
  return Object.keys(TASK_TRANSITIONS[state]).length === 0;
}

/** Whether a worker holds a task in this state. */
export function isHeld(state: TaskState): boolean {
  return state === 'working' || state === 'input-required' || state === 'auth-required';
}

/** The states that an actor may bring a task to. */
export function taskSuccessors(from: TaskState, actor: TaskActor): TaskState[] {
  const transitions = TASK_TRANSITIONS[from];
  return (Object.keys(transitions) as TaskState[]).filter((to) => transitions[to]?.includes(actor) === true);
}

/** The part of a task that its life cycle is about. */
export interface Course {
  readonly state: TaskState;
  /** Attempts that count; 0 before the first. */
  readonly attempt: number;
  /** Rises with each assignment; what a worker says under an earlier one is stale. */
  readonly epoch: number;
  /** The daemon took it back through no fault of task or worker: the next assignment goes on with this attempt. */
  readonly interrupted?: boolean;
}

/**
 * The course after a transition.
 *
 * @throws OrchestratorError `task_state` with `from` and `allowed`
 */
export function moveTask(course: Course, to: TaskState, actor: TaskActor): Course {
  const { state, attempt, epoch } = course;
  if (TASK_TRANSITIONS[state][to]?.includes(actor) !== true) {
    const allowed = taskSuccessors(state, actor);
    throw new OrchestratorError(
      'task_state',
      `the task is ${state}; from there the ${actor} can bring it to ${allowed.join(', ') || 'no other state'}`,
      { from: state, to, allowed },
    );
  }
  if (state !== 'submitted' || to !== 'working') return { state: to, attempt, epoch };
  return { state: to, attempt: attempt + (course.interrupted === true ? 0 : 1), epoch: epoch + 1 };
}

/** The course of a task that is taken back from its worker without this attempt being counted. */
export function interruptTask(course: Course): Course {
  return { ...moveTask(course, 'submitted', 'daemon'), interrupted: true };
}
