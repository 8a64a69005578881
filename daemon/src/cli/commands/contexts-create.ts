import { Option, type Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { collected, duration } from '../values.js';

const TURNS = ['free', 'roundRobin', 'moderator'] as const;

interface CreateOptions extends ConnectionOptions {
  readonly title?: string;
  readonly with?: readonly string[];
  readonly turns?: (typeof TURNS)[number];
  readonly retention?: number;
}

/** `orchestrator contexts create` */
export function contextsCreate(command: Command, context: Context): void {
  command
    .argument('[context]', 'id of the context; made up unless said')
    .option('--title <title>', 'what people call it')
    .option('--with <agent>', 'an agent that takes part; can be repeated', collected)
    .addOption(new Option('--turns <mode>', 'who speaks when').choices(TURNS))
    .option('--retention <duration>', 'how long entries are kept; for ever unless said', duration);
  examples(connectionOptions(command), [
    {
      says: 'A conversation with two agents',
      line: 'orchestrator contexts create planning --with echo --with greeter',
    },
    {
      says: 'In turns, kept for a week',
      line: 'orchestrator contexts create --with echo --turns roundRobin --retention 7d',
    },
  ]).action(async (contextId: string | undefined, options: CreateOptions) => {
    const { title, turns, retention: retentionMs } = options;
    const participants = options.with?.map((agent) => ({ agent }));
    const params = defined({ contextId, title, turns, retentionMs, participants });
    const record = await withDaemon(context, options, (daemon) => daemon.call('context.create', params));
    context.output.answer(record, () => record.contextId);
  });
}
