import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon, type Connection } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { followRecords, lastRecords, recordsAfter } from '../journal-records.js';
import { recordText } from '../journal-text.js';
import { collected, integer } from '../values.js';

interface EventsOptions extends ConnectionOptions {
  readonly follow?: boolean;
  readonly action?: readonly string[];
  readonly resource?: string;
  readonly after?: string;
  readonly last: number;
}

/** `orchestrator events` */
export function events(command: Command, context: Context): void {
  command
    .option('-f, --follow', 'go on with what happens from now on, until Ctrl-C')
    .option(
      '--action <name>',
      'only this event, or with a dot at the end all that begin so; can be repeated',
      collected,
    )
    .option('--resource <resource>', 'only on this resource, or with a slash at the end all under it')
    .option('-n, --last <count>', 'begin with those among this many of the last records', integer(0, 1000), 20)
    .option('--after <cursor>', 'begin after a cursor that an earlier run printed, and miss nothing');
  examples(connectionOptions(command), [
    { says: 'What happened last', line: 'orchestrator events' },
    { says: 'What agents do, as it happens', line: 'orchestrator events --follow --action agent.' },
    {
      says: 'Everything about one agent, for a script',
      line: 'orchestrator events --follow --resource agent/echo --json',
    },
  ]).action(async (options: EventsOptions) => {
    const follow = options.follow === true;
    await withDaemon(
      context,
      options,
      (daemon) => (follow ? followed(daemon, options, context) : past(daemon, options, context)),
      {
        lasting: follow,
      },
    );
  });
}

async function past(daemon: Connection, options: EventsOptions, { output }: Context): Promise<void> {
  const filter = filterOf(options);
  const records =
    options.after === undefined
      ? lastRecords(daemon, options.last, filter)
      : recordsAfter(daemon, options.after, filter);
  for await (const record of records) output.entry(record, () => recordText(record, output));
}

async function followed(daemon: Connection, options: EventsOptions, { output }: Context): Promise<void> {
  let next: string | undefined;
  const from = options.after === undefined ? { last: options.last } : { after: options.after };
  void tellOfReconnects();
  for await (const record of followRecords(daemon, from, filterOf(options), (cursor) => (next = cursor))) {
    output.entry(record, () => recordText(record, output));
  }
  if (daemon.signal.aborted) {
    throw new CommandFailure('interrupted', next === undefined ? 'Stopped.' : `Stopped; go on with --after ${next}`);
  }

  async function tellOfReconnects(): Promise<void> {
    for await (const status of daemon.client.status()) {
      if (status.state === 'waiting')
        output.note(output.noteStyle.dim(`connection lost (${status.reason}), trying again`));
    }
  }
}

function filterOf({ action, resource }: EventsOptions) {
  return defined({ actions: action === undefined ? undefined : [...action], resource });
}
