import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { deadLetterText } from '../dead-letter-text.js';
import { examples } from '../examples.js';

/** `orchestrator dead-letters show` */
export function deadLettersShow(command: Command, context: Context): void {
  command.argument('<id>', 'id of the message or task');
  examples(connectionOptions(command), [
    { says: 'A dead letter with its payload', line: 'orchestrator dead-letters show ID' },
    { says: 'The payload alone', line: 'orchestrator dead-letters show ID --json | jq .payload' },
  ]).action(async (id: string, options: ConnectionOptions) => {
    const whole = await withDaemon(context, options, (daemon) => daemon.call('deadLetter.show', { id }));
    context.output.answer(whole, () => deadLetterText(whole, context));
  });
}
