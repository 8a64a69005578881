import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { noteMore, pageOf, pageOptions, type PageOptions } from '../page-options.js';
import { table } from '../table.js';
import { relativeTime } from '../time-text.js';

type Waiting = ResultOf<Methods['inbox.list']>['entries'];

const DEFAULT_LIMIT = 50;
const MOST = 100;

const STATES: Readonly<Record<Waiting[number]['state'], string>> = {
  queued: 'queued',
  delayed: 'delayed',
  inFlight: 'in flight',
};

/** `orchestrator inbox list` */
export function inboxList(command: Command, context: Context): void {
  command.argument('<agent>', 'id of the agent');
  examples(connectionOptions(pageOptions(command, DEFAULT_LIMIT, MOST)), [
    { says: 'What waits in an inbox, the next one first', line: 'orchestrator inbox list echo' },
    { says: 'The ids, for a script', line: `orchestrator inbox list echo --json | jq -r '.entries[].messageId'` },
  ]).action(async (agentId: string, options: ConnectionOptions & PageOptions) => {
    const params = { agentId, ...pageOf(options) };
    const page = await withDaemon(context, options, (daemon) => daemon.call('inbox.list', params));
    context.output.answer(page, () => listText(page.entries, context));
    noteMore(page, context.output);
  });
}

function listText(waiting: Waiting, { output, now }: Context): string {
  if (waiting.length === 0) return 'no messages';
  return table(
    [
      { title: 'message' },
      { title: 'state' },
      { title: 'type', flexible: true },
      { title: 'tries', align: 'right' },
      { title: 'since' },
    ],
    waiting.map(({ messageId, state, type, attempts, acceptedAt }) => [
      output.style.bold(messageId),
      output.style.state(STATES[state]),
      type,
      String(attempts),
      relativeTime(acceptedAt, now()),
    ]),
    output,
  );
}
