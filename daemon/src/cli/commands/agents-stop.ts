import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { programsText } from '../program-text.js';

/** `orchestrator agents stop` */
export function agentsStop(command: Command, context: Context): void {
  examples(connectionOptions(command.argument('<program>', 'name of the program in the configuration')), [
    { says: 'Stop a program; "agents restart" starts it again', line: 'orchestrator agents stop echo' },
  ]).action(async (name: string, options: ConnectionOptions) => {
    const program = await withDaemon(context, options, (daemon) => daemon.call('program.stop', { name }));
    context.output.answer(program, () => programsText([program], context));
  });
}
