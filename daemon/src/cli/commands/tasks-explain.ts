import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { candidatesText } from '../routing-text.js';
import { statusText } from '../task-text.js';
import { relativeTime } from '../time-text.js';

type Explained = ResultOf<Methods['task.explain']>;

const WAITS: Readonly<Record<Explained['waitsFor'], string>> = {
  agent: 'an agent that takes it',
  nextAttempt: 'the time of its next attempt',
  result: 'its worker',
  input: 'somebody to give it the input that it asks for',
  auth: 'somebody to authorize what it asks for',
  nothing: 'nothing, it has ended',
};

/** `orchestrator tasks explain` */
export function tasksExplain(command: Command, context: Context): void {
  command.argument('<task>', 'id of the task');
  examples(connectionOptions(command), [
    { says: 'Why a task is where it is', line: 'orchestrator tasks explain TASK' },
    { says: 'What it waits for, for a script', line: 'orchestrator tasks explain TASK --json | jq -r .waitsFor' },
  ]).action(async (taskId: string, options: ConnectionOptions) => {
    const explained = await withDaemon(context, options, (daemon) => daemon.call('task.explain', { taskId }));
    context.output.answer(explained, () => explainedText(explained, context));
  });
}

function explainedText(explained: Explained, { output, now }: Context): string {
  const { task, waitsFor, until, attempts, error, lease, waiting, candidates } = explained;
  const about = output.pairs([
    ['waits for', WAITS[waitsFor]],
    ['until', until === undefined ? undefined : relativeTime(until, now())],
    ['attempts', `${String(attempts.used)} of ${String(attempts.most)}`],
    ['last error', error],
    ['lease', lease === undefined ? undefined : leaseText(lease, now())],
    ['in line', waiting === undefined ? undefined : `${String(waiting)}, this one among them`],
  ]);
  return [
    statusText(task, output),
    about,
    ...(candidates.length === 0 ? [] : [candidatesText(candidates, output)]),
  ].join('\n\n');
}

function leaseText({ agent, connected, expiresAt }: NonNullable<Explained['lease']>, now: number): string {
  return connected ? `${agent}, which is connected` : `${agent}, which is away; ends ${relativeTime(expiresAt, now)}`;
}
