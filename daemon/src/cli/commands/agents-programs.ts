import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { programsText } from '../program-text.js';

/** `orchestrator agents programs` */
export function agentsPrograms(command: Command, context: Context): void {
  examples(connectionOptions(command), [
    { says: 'Which programs run, since when, how often they were restarted', line: 'orchestrator agents programs' },
  ]).action(async (options: ConnectionOptions) => {
    const answer = await withDaemon(context, options, (daemon) => daemon.call('program.list', {}));
    context.output.answer(answer, () => programsText(answer.entries, context));
  });
}
