import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { programsText } from '../program-text.js';

/** `orchestrator agents restart` */
export function agentsRestart(command: Command, context: Context): void {
  examples(connectionOptions(command.argument('<program>', 'name of the program in the configuration')), [
    { says: 'Start a program again, also one that was given up', line: 'orchestrator agents restart echo' },
  ]).action(async (name: string, options: ConnectionOptions) => {
    const program = await withDaemon(context, options, (daemon) => daemon.call('program.restart', { name }));
    context.output.answer(program, () => programsText([program], context));
  });
}
