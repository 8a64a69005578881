import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { documentArgument, documentRef } from '../document.js';
import type { DocumentOptions } from '../document.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { payloadInput } from '../payload-input.js';
import { integer } from '../values.js';

interface PutOptions extends ConnectionOptions, DocumentOptions {
  readonly revision?: number;
  readonly text?: boolean;
}

/** `orchestrator state put` */
export function statePut(command: Command, context: Context): void {
  documentArgument(command)
    .argument('<field>', 'name of the field')
    .argument('<value>', 'its value, as JSON; "-" reads it from stdin')
    .option(
      '--revision <number>',
      'only if the field has this revision; 0: only if it is not there',
      integer(0, Number.MAX_SAFE_INTEGER),
    )
    .option('--text', 'the value is text, not JSON');
  examples(connectionOptions(command), [
    { says: 'Write a field', line: `orchestrator state put echo mood '"calm"'` },
    { says: 'Only if nobody has written it yet', line: `orchestrator state put echo owner '"ada"' --revision 0` },
  ]).action(async (id: string, field: string, text: string, options: PutOptions) => {
    const value = await payloadInput(text, options, 'VALUE', context);
    const params = { ...documentRef(id, options), field, value, ...defined({ revision: options.revision }) };
    const written = await withDaemon(context, options, (daemon) => daemon.call('state.put', params));
    context.output.answer(
      written,
      () => `${written.outcome}  ${context.output.style.dim(`revision ${String(written.revision)}`)}`,
    );
  });
}
