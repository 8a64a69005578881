import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { waitingTool } from '../waiting-tool.js';

interface RejectOptions extends ConnectionOptions {
  readonly reason?: string;
}

/** `orchestrator tools reject` */
export function toolsReject(command: Command, context: Context): void {
  command
    .argument('<tool>', 'name of the tool, or NAME@VERSION')
    .option('--reason <text>', 'why; stays in the journal');
  examples(connectionOptions(command), [
    {
      says: 'Refuse a definition; what was approved before keeps working',
      line: 'orchestrator tools reject github__create_issue --reason "asks for every file"',
    },
  ]).action(async (tool: string, { reason, ...options }: RejectOptions) => {
    await withDaemon(context, options, async (daemon) => {
      const waiting = await waitingTool(daemon, tool);
      const { hash } = await daemon.call('tool.diff', waiting);
      const done = await daemon.call('tool.reject', { ...waiting, hash, ...defined({ reason }) });
      context.output.answer(done, () => `rejected ${waiting.name} ${waiting.version}`);
    });
  });
}
