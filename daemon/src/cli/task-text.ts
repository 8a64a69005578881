import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Context } from './context.js';
import type { Output } from './output.js';
import { table } from './table.js';
import { bytesText, clockTime, durationText, relativeTime } from './time-text.js';

/** A task as `task.get` and `task.list` answer it. */
export type TaskRecord = ResultOf<Methods['task.list']>['entries'][number];
/** A task with what was asked for of it. */
export type WholeTask = ResultOf<Methods['task.get']>;
/** Where a task is. */
export type TaskStatus = ResultOf<Methods['task.submit']>;

/** States in which nothing more happens to a task. */
export const FINAL: ReadonlySet<string> = new Set(['completed', 'failed', 'canceled', 'rejected']);

/** Who a task is for: an agent, or a skill. */
export function targetText({ agent, to }: Pick<TaskRecord, 'agent' | 'to'>): string {
  if (agent !== undefined) return agent;
  return 'agent' in to ? to.agent : `${to.skill} (skill)`;
}

/** Where a task is, as one line. */
export function statusText({ taskId, state, attempt, agent }: TaskStatus, { style }: Output): string {
  return [
    style.bold(taskId),
    style.state(state),
    ...(agent === undefined ? [] : [agent]),
    ...(attempt > 1 ? [style.dim(`attempt ${String(attempt)}`)] : []),
  ].join('  ');
}

/** A task for people. */
export function taskText({ task, input, output: result, artifacts = [] }: WholeTask, context: Context): string {
  const { output, now } = context;
  const { style } = output;
  const parts = [
    `${style.bold(task.taskId)}  ${style.state(task.state)}${task.title === undefined ? '' : `  ${task.title}`}`,
    output.pairs([
      ['for', targetText(task)],
      ['from', task.from],
      ['attempt', `${String(task.attempt)} of ${String(task.retry.maxAttempts ?? 1)}`],
      ['progress', progressText(task)],
      ['error', task.error === undefined ? undefined : `${task.error.name}: ${task.error.message}`],
      ['reason', task.reason],
      ['next attempt', task.nextAttemptAt === undefined ? undefined : relativeTime(task.nextAttemptAt, now())],
      ['context', task.contextId],
      ['parent', task.parentTaskId],
      ['sub-tasks', task.children === 0 ? undefined : String(task.children)],
      ['spent', spentText(task)],
      ['submitted', relativeTime(task.createdAt, now())],
      [
        'ended',
        task.endedAt === undefined
          ? undefined
          : `after ${durationText(Date.parse(task.endedAt) - Date.parse(task.createdAt))}`,
      ],
    ]),
  ];
  for (const { inputId, kind, prompt } of task.inputs ?? []) {
    parts.push(`${style.yellow(`waits for ${kind}`)} ${inputId}\n${output.jsonText(prompt)}`);
  }
  if (input !== undefined) parts.push(`${style.dim('input')}\n${output.jsonText(input)}`);
  if (result !== undefined) parts.push(`${style.dim('output')}\n${output.jsonText(result)}`);
  if (artifacts.length > 0) parts.push(artifactsText(artifacts, output));
  return parts.join('\n\n');
}

function artifactsText(artifacts: NonNullable<WholeTask['artifacts']>, output: Output): string {
  return table(
    [
      { title: 'artifact' },
      { title: 'version', align: 'right' },
      { title: 'stored', align: 'right' },
      { title: 'kind' },
    ],
    artifacts.map(({ artifactId, version, bytes, contentType, encoding, complete }) => [
      output.style.bold(artifactId),
      String(version),
      bytesText(bytes),
      `${contentType ?? (encoding === 'base64' ? 'bytes' : encoding)}${complete ? '' : ', not complete'}`,
    ]),
    output,
  );
}

/** One event of a task as one line. */
export function eventText(event: Readonly<Record<string, unknown>>, { style }: Output): string {
  const { event: number, at, type, attempt, state, ...rest } = event;
  const details = Object.entries(rest).filter(([name]) => name !== 'final');
  return [
    style.dim(String(number).padStart(3)),
    style.dim(clockTime(String(at))),
    type === 'status' ? style.state(String(state)) : style.cyan(String(type)),
    ...(Number(attempt) > 1 ? [`attempt ${String(attempt)}`] : []),
    style.dim(details.map(([name, value]) => `${name}=${detailText(value)}`).join(' ')),
  ]
    .join('  ')
    .trimEnd();
}

/** An error by its name and message, anything else as it is. */
function detailText(value: unknown): string {
  if (typeof value === 'string') return value;
  const { name, message } = (value ?? {}) as { readonly name?: unknown; readonly message?: unknown };
  return typeof name === 'string' ? `${name} (${String(message)})` : JSON.stringify(value);
}

function progressText({ progress, message }: TaskRecord): string | undefined {
  const parts = [
    ...(progress === undefined ? [] : [`${String(Math.round(progress * 100))} %`]),
    ...(message === undefined ? [] : [message]),
  ];
  return parts.length === 0 ? undefined : parts.join('  ');
}

function spentText({ spent, budget }: TaskRecord): string | undefined {
  if (budget === undefined) return spent === undefined ? undefined : String(spent);
  return `${String(spent ?? 0)} of ${String(budget.spend)}`;
}
