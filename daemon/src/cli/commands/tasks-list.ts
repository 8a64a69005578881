import { TASK_STATES, type Methods, type ParamsOf } from '@ai-orchestrator/protocol';
import { Option, type Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { noteMore, pageOf, pageOptions, type PageOptions } from '../page-options.js';
import { table } from '../table.js';
import { targetText, type TaskRecord } from '../task-text.js';
import { durationText, relativeTime } from '../time-text.js';

type TaskState = ParamsOf<Methods['task.list']>['state'];

interface ListOptions extends ConnectionOptions, PageOptions {
  readonly state?: TaskState;
  readonly agent?: string;
  readonly context?: string;
  readonly parent?: string;
  readonly mine?: boolean;
}

/** `orchestrator tasks list` */
export function tasksList(command: Command, context: Context): void {
  command
    .addOption(new Option('--state <state>', 'only tasks in a state').choices(TASK_STATES))
    .option('--agent <agent>', 'only tasks that an agent has or had')
    .option('--context <context>', 'only tasks of a conversation')
    .option('--parent <task>', 'only sub-tasks of a task')
    .option('--mine', 'only those that you submitted');
  examples(connectionOptions(pageOptions(command)), [
    { says: 'The latest tasks', line: 'orchestrator tasks list' },
    { says: 'What is being worked on', line: 'orchestrator tasks list --state working' },
    {
      says: 'What has failed, for a script',
      line: `orchestrator tasks list --state failed --json | jq -r '.entries[].taskId'`,
    },
  ]).action(async (options: ListOptions) => {
    const { state, agent, context: contextId, parent, mine } = options;
    const params = { ...pageOf(options), ...defined({ state, agent, contextId, parentTaskId: parent, mine }) };
    const page = await withDaemon(context, options, (daemon) => daemon.call('task.list', params));
    context.output.answer(page, () => listText(page.entries, context));
    noteMore(page, context.output);
  });
}

function listText(tasks: readonly TaskRecord[], { output, now }: Context): string {
  if (tasks.length === 0) return 'no tasks';
  return table(
    [
      { title: 'task' },
      { title: 'state' },
      { title: 'for', flexible: true },
      { title: 'title', flexible: true },
      { title: 'try', align: 'right' },
      { title: 'since' },
      { title: 'took', align: 'right' },
    ],
    tasks.map((task) => [
      output.style.bold(task.taskId),
      output.style.state(task.state),
      targetText(task),
      task.title ?? '',
      String(task.attempt),
      relativeTime(task.createdAt, now()),
      task.endedAt === undefined ? '-' : durationText(Date.parse(task.endedAt) - Date.parse(task.createdAt)),
    ]),
    output,
  );
}
