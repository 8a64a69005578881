import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { statusText } from '../task-text.js';

interface CancelOptions extends ConnectionOptions {
  readonly reason?: string;
  /** False with --no-cascade. */
  readonly cascade: boolean;
}

/** `orchestrator tasks cancel` */
export function tasksCancel(command: Command, context: Context): void {
  command
    .argument('<task>', 'id of the task')
    .option('--reason <text>', 'why; whoever works on it is told')
    .option('--no-cascade', 'let its sub-tasks go on');
  examples(connectionOptions(command), [
    { says: 'End a task and its sub-tasks', line: 'orchestrator tasks cancel TASK' },
    { says: 'And say why', line: 'orchestrator tasks cancel TASK --reason "not needed any more"' },
  ]).action(async (taskId: string, { reason, cascade, ...options }: CancelOptions) => {
    const params = { taskId, cascade, ...defined({ reason }) };
    const status = await withDaemon(context, options, (daemon) => daemon.call('task.cancel', params));
    context.output.answer(status, () => statusText(status, context.output));
  });
}
