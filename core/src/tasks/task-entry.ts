import type { EntryDraft } from '../contexts/transcript-entry.js';
import { traceOf } from '../timeline/timeline-keys.js';
import type { TaskState } from './life-cycle.js';
import type { TaskChange } from './task-change.js';
import { TASK_KEYS } from './task-keys.js';

/** States that those who take part in a task's context are told of, besides that it was submitted. */
const TOLD: ReadonlySet<TaskState> = new Set([
  'input-required',
  'auth-required',
  'completed',
  'failed',
  'canceled',
  'rejected',
]);

/** Whether a change of a task says something in the transcript of its context. */
export function isTold({ task, before, revision, artifact }: TaskChange): boolean {
  if (task.contextId === undefined) return false;
  return revision === 0 || artifact !== undefined || (task.state !== before.state && TOLD.has(task.state));
}

/**
 * What it says: that the task was submitted with what, that it asks for input, that an artifact is there, how it ended and with what.
 *
 * @param bytes content that is larger is not said, only referred to
 */
export function transcriptEntry(change: TaskChange, bytes: number): EntryDraft {
  const { task, revision, principal, artifact } = change;
  const { taskId, state, agent, worker, traceparent } = task;
  const traceId = traceOf(traceparent);
  const about = {
    by: principal,
    ...(agent === undefined || principal !== worker ? {} : { agent }),
    ...(traceId === undefined ? {} : { traceId }),
  };
  if (artifact !== undefined) return { ...about, type: 'artifact', ref: { task: taskId, artifact } };
  const said = { ...about, type: 'task', ref: { task: taskId }, reason: revision === 0 ? 'submitted' : state };
  const key = revision === 0 ? TASK_KEYS.input(taskId) : TASK_KEYS.output(taskId);
  const content = change.puts.find((put) => put.key === key);
  return content !== undefined && 'text' in content && content.text.length <= bytes
    ? { ...said, payload: content.text }
    : said;
}
