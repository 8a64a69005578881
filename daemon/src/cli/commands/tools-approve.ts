import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { diffText } from '../tool-diff-text.js';
import { waitingTool } from '../waiting-tool.js';

interface ApproveOptions extends ConnectionOptions {
  readonly hash?: string;
}

/** `orchestrator tools approve` */
export function toolsApprove(command: Command, context: Context): void {
  command
    .argument('<tool>', 'name of the tool, or NAME@VERSION')
    .option('--hash <hash>', 'of the definition that you have looked at; without it the definition is shown');
  examples(connectionOptions(command), [
    { says: 'Look at what is to be approved', line: 'orchestrator tools approve github__create_issue' },
    { says: 'And approve exactly that', line: 'orchestrator tools approve github__create_issue --hash HASH' },
  ]).action(async (tool: string, { hash, ...options }: ApproveOptions) => {
    await withDaemon(context, options, async (daemon) => {
      const { output } = context;
      const waiting = await waitingTool(daemon, tool);
      if (hash !== undefined) {
        const done = await daemon.call('tool.approve', { ...waiting, hash });
        output.answer(done, () => `approved ${waiting.name} ${waiting.version}`);
        return;
      }
      const diff = await daemon.call('tool.diff', waiting);
      output.answer(diff, () => diffText(diff, output));
      throw new CommandFailure(
        'usage',
        'Nothing has been approved yet.',
        `To approve exactly this, add --hash ${diff.hash}`,
      );
    });
  });
}
