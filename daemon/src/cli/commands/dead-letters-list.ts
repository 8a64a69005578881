import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { deadLettersText } from '../dead-letter-text.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { noteMore, pageOf, pageOptions, type PageOptions } from '../page-options.js';

interface ListOptions extends ConnectionOptions, PageOptions {
  readonly agent?: string;
}

/** `orchestrator dead-letters list` */
export function deadLettersList(command: Command, context: Context): void {
  command.option('--agent <agent>', 'only what an agent had last');
  examples(connectionOptions(pageOptions(command)), [
    { says: 'What nobody could handle', line: 'orchestrator dead-letters list' },
    {
      says: 'Send all of an agent once more',
      line: `orchestrator dead-letters list --agent echo --json | jq -r '.entries[].id' | xargs -n 1 orchestrator dead-letters redeliver`,
    },
  ]).action(async (options: ListOptions) => {
    const params = { ...pageOf(options), ...defined({ agentId: options.agent }) };
    const page = await withDaemon(context, options, (daemon) => daemon.call('deadLetter.list', params));
    context.output.answer(page, () => deadLettersText(page.entries, context));
    noteMore(page, context.output);
  });
}
