import { events } from '@ai-orchestrator/protocol';
import type { DeadLetter, DeadLetterSource } from '../messages/dead-letter-desk.js';
import type { Call } from '../rpc/call.js';
import type { Effect } from '../store/effects.js';
import type { EventDraft } from '../store/record.js';
import type { JsonValue, Put, Store } from '../store/store.js';
import { traceOf } from '../timeline/timeline-keys.js';
import type { Task, TaskError } from './task.js';
import { timeOf } from './task.js';
import type { TaskBoard } from './task-board.js';
import type { TaskIntake } from './task-intake.js';
import { keysEnd, TASK_KEYS } from './task-keys.js';

const PAGE = 1000;

/** Keeps a task whose attempts are used up as a dead letter, in the commit that fails it; it goes when the task does. */
export function taskDeadLetter(task: Task, error: TaskError, now: number): Put {
  const { taskId, attempt, agent = '', by, contextId } = task;
  const about = contextId === undefined ? {} : { contextId };
  const who = { kind: 'task' as const, id: taskId, agent, sender: by.id };
  const letter: DeadLetter = { ...who, ...about, attempts: attempt, error: error.name, at: timeOf(now) };
  return { key: TASK_KEYS.dead + taskId, text: JSON.stringify(letter) };
}

/** The tasks whose attempts are used up, for operators. */
export class TaskDeadLetters implements DeadLetterSource {
  readonly #store: Store;

  constructor(
    private readonly board: TaskBoard,
    private readonly intake: TaskIntake,
  ) {
    this.#store = board.store;
  }

  async list(afterId: string | undefined, limit: number, agentId: string | undefined): Promise<readonly DeadLetter[]> {
    const letters: DeadLetter[] = [];
    const first = TASK_KEYS.dead + (afterId === undefined ? '' : `${afterId}0`);
    for (let from: string | undefined = first; from !== undefined;) {
      const page = await this.#store.range({ from, to: keysEnd(TASK_KEYS.dead), limit: PAGE });
      for (const { value } of page.entries) {
        const letter = value as unknown as DeadLetter;
        if (agentId === undefined || letter.agent === agentId) letters.push(letter);
        if (letters.length === limit) return letters;
      }
      from = page.next;
    }
    return letters;
  }

  /** The payload is the input of the task. */
  async show(id: string): Promise<{ readonly letter: DeadLetter; readonly payload: string } | undefined> {
    const [letter, input] = await this.#store.getTexts([TASK_KEYS.dead + id, TASK_KEYS.input(id)]);
    if (letter === undefined || input === undefined) return undefined;
    return { letter: JSON.parse(letter.text) as DeadLetter, payload: input.text };
  }

  /** Submits it once more in the name of who did, as a task without a parent. */
  async redeliver(
    id: string,
    call: Call,
    effect: Effect,
    answerOf: (id: string) => { readonly id: string },
  ): Promise<{ readonly id: string } | undefined> {
    const [letter, input] = await this.#store.getTexts([TASK_KEYS.dead + id, TASK_KEYS.input(id)]);
    const stored = await this.board.find(id);
    if (letter === undefined || input === undefined || stored === undefined) return undefined;
    const besides = (as: string) => ({
      // Of two who redeliver it at once, one does.
      checks: [{ key: letter.key, revision: letter.revision }],
      deletes: [letter.key],
      events: [record(events.taskRedelivered.name, stored.task, call, { as })],
    });
    return answerOf(await this.intake.again(stored.task, input.text, besides, answerOf, call, effect));
  }

  async discard(id: string, call: Call, effect: Effect, done: { readonly done: true }): Promise<boolean> {
    const [letter] = await this.#store.getTexts([TASK_KEYS.dead + id]);
    const stored = await this.board.find(id);
    if (letter === undefined || stored === undefined) return false;
    const commit = {
      checks: [{ key: letter.key, revision: letter.revision }],
      deletes: [letter.key],
      events: [record(events.taskDiscarded.name, stored.task, call, {})],
    };
    await effect.commit(commit, done);
    return true;
  }
}

function record(action: string, task: Task, call: Call, more: Readonly<Record<string, JsonValue>>): EventDraft {
  const { taskId, attempt, agent, parentTaskId, contextId, traceparent } = task;
  const traceId = traceOf(traceparent);
  return {
    action,
    resource: `task/${taskId}`,
    principal: call.principal.id,
    details: {
      attempt,
      ...(agent === undefined ? {} : { agent }),
      ...(parentTaskId === undefined ? {} : { parentTaskId }),
      ...(contextId === undefined ? {} : { contextId }),
      ...more,
    },
    ...(traceId === undefined ? {} : { traceId }),
  };
}
