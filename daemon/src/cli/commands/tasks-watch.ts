import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { stopped } from '../stopped.js';
import { eventText, FINAL } from '../task-text.js';

interface WatchOptions extends ConnectionOptions {
  readonly after?: string;
}

/** `orchestrator tasks watch` */
export function tasksWatch(command: Command, context: Context): void {
  command
    .argument('<task>', 'id of the task')
    .option('--after <cursor>', 'begin after a cursor that an earlier run printed, and miss nothing');
  examples(connectionOptions(command), [
    { says: 'What happens to a task, until it ends', line: 'orchestrator tasks watch TASK' },
    { says: 'The same for a script, one JSON document a line', line: 'orchestrator tasks watch TASK --json' },
  ]).action(async (taskId: string, options: WatchOptions) => {
    const { output } = context;
    await withDaemon(
      context,
      options,
      async (daemon) => {
        const { after } = options;
        const params = { taskId, ...defined({ after, fromStart: after === undefined ? true : undefined }) };
        const subscription = await daemon.follow<Readonly<Record<string, unknown>>>('task.watch', params);
        for await (const event of subscription) {
          output.entry(event, () => eventText(event, output));
          if (event.final === true || FINAL.has(String(event.state))) return;
        }
        throw stopped(subscription.cursor);
      },
      { lasting: true },
    );
  });
}
