import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { diffText } from '../tool-diff-text.js';
import { waitingTool } from '../waiting-tool.js';

/** `orchestrator tools diff` */
export function toolsDiff(command: Command, context: Context): void {
  command.argument('<tool>', 'name of the tool, or NAME@VERSION');
  examples(connectionOptions(command), [
    { says: 'What a definition that waits changes', line: 'orchestrator tools diff github__create_issue' },
  ]).action(async (tool: string, options: ConnectionOptions) => {
    const diff = await withDaemon(context, options, async (daemon) =>
      daemon.call('tool.diff', await waitingTool(daemon, tool)),
    );
    context.output.answer(diff, () => diffText(diff, context.output));
  });
}
