import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { bytesText } from '../time-text.js';

interface EraseOptions extends ConnectionOptions {
  readonly yes?: boolean;
  readonly reason?: string;
}

/** `orchestrator contexts erase` */
export function contextsErase(command: Command, context: Context): void {
  command
    .argument('<context>', 'id of the context')
    .option('--yes', 'erase it; without this nothing is done')
    .option('--reason <text>', 'why; stays in the journal');
  examples(connectionOptions(command), [
    { says: 'Delete all that was said, for good', line: 'orchestrator contexts erase CONTEXT --yes' },
    { says: 'And keep why', line: 'orchestrator contexts erase CONTEXT --yes --reason "asked for by its author"' },
  ]).action(async (contextId: string, { yes, reason, ...options }: EraseOptions) => {
    if (yes !== true) {
      throw new CommandFailure(
        'usage',
        `All content of ${contextId} would be gone for good.`,
        'Add --yes to erase it.',
      );
    }
    const params = { contextId, ...defined({ reason }) };
    const done = await withDaemon(context, options, (daemon) => daemon.call('context.erase', params));
    const { entries, messages, tasks, state, bytes } = done.erased;
    const counts = { entries, messages, tasks, 'state fields': state };
    const said = Object.entries(counts).map(([name, count]) => `${name} ${String(count)}`);
    context.output.answer(done, () => `erased: ${said.join(', ')}; ${bytesText(bytes)}`);
  });
}
