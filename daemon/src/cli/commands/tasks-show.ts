import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { taskText } from '../task-text.js';

/** `orchestrator tasks show` */
export function tasksShow(command: Command, context: Context): void {
  command.argument('<task>', 'id of the task');
  examples(connectionOptions(command), [
    { says: 'A task with its input, output and artifacts', line: 'orchestrator tasks show TASK' },
    { says: 'Its output alone', line: 'orchestrator tasks show TASK --json | jq .output' },
  ]).action(async (taskId: string, options: ConnectionOptions) => {
    const params = { taskId, include: ['input' as const, 'result' as const, 'artifacts' as const] };
    const whole = await withDaemon(context, options, (daemon) => daemon.call('task.get', params));
    context.output.answer(whole, () => taskText(whole, context));
  });
}
