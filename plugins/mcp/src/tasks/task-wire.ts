import type { Tasks } from '@ai-orchestrator/core/plugin';
import { skillResult } from '../agents/skill-result.js';
import { CODE } from '../downstream/protocol.js';
import type { JsonObject, JsonValue } from '../upstream/json.js';
import { questionOf } from './task-questions.js';

/** A task of ours with its result. */
export type OwnTask = Awaited<ReturnType<Tasks['get']>>;
type TaskRecord = OwnTask['task'];

/** Where a task is, in MCP's words [ext-tasks 2026-07-28, Task Status; 2025-11-25 basic/utilities/tasks]. */
export type WireStatus = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled';

/** A task as MCP has it, the same for both eras but for the names of its times. */
export interface WireTask {
  readonly taskId: string;
  readonly status: WireStatus;
  readonly statusMessage?: string;
  readonly createdAt: string;
  readonly lastUpdatedAt: string;
  /** Since its creation; what is not over is kept for longer with every moment. */
  readonly ttlMs: number;
  /** What it came to, waits for or failed with. */
  readonly detail: JsonObject;
}

const STATUS: Readonly<Record<TaskRecord['state'], WireStatus>> = {
  submitted: 'working',
  working: 'working',
  'input-required': 'input_required',
  'auth-required': 'input_required',
  completed: 'completed',
  failed: 'failed',
  rejected: 'failed',
  canceled: 'cancelled',
};

/** What a client reads that could not answer what the task waits for. */
const WAITS = 'it waits for input, which a client that answers elicitation can give, or task.respond';

/**
 * A task of ours in MCP's words.
 *
 * @param own with its output where it has one
 * @param keepMs how long it is kept after its end
 * @param now wall clock, ms
 * @param answers whether the client answers questions; where it does not, none may be put to it and the task is at work
 */
export function wireTask(own: OwnTask, keepMs: number, now: number, answers: boolean): WireTask {
  const { task, output } = own;
  const { taskId, createdAt, updatedAt, endedAt } = task;
  const inputs = task.inputs ?? [];
  const asks = STATUS[task.state] === 'input_required';
  const status = asks && !answers ? 'working' : STATUS[task.state];
  const message = asks && !answers ? WAITS : (task.message ?? task.reason ?? task.error?.message);
  const livedMs = (endedAt === undefined ? now : Date.parse(endedAt)) - Date.parse(createdAt);
  return {
    taskId,
    status,
    ...(message !== undefined && { statusMessage: message }),
    createdAt,
    lastUpdatedAt: updatedAt,
    ttlMs: Math.max(0, Math.round(livedMs)) + keepMs,
    detail: {
      ...(status === 'input_required' && {
        inputRequests: Object.fromEntries(inputs.map((input) => [input.inputId, questionOf(input)])),
      }),
      ...(status === 'completed' && { result: skillResult((output ?? null) as JsonValue) as unknown as JsonObject }),
      ...(status === 'failed' && { error: errorOf(task) }),
    },
  };
}

/** Whether nothing more becomes of a task. */
export function isOver(status: WireStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled';
}

/** What a call of the tool would have been answered. */
function errorOf({ error, reason, state }: TaskRecord): JsonObject {
  const name = error?.name ?? state;
  const message = error?.message ?? (reason === undefined ? `the task was ${state}` : `the agent refused: ${reason}`);
  return { code: CODE.internal, message, data: { name } };
}
