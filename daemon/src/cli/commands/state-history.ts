import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { documentArgument, documentRef } from '../document.js';
import type { DocumentOptions } from '../document.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { noteMore, pageOf, pageOptions, type PageOptions } from '../page-options.js';
import { table } from '../table.js';
import { relativeTime } from '../time-text.js';

type Writes = ResultOf<Methods['state.history']>['entries'];

/** `orchestrator state history` */
export function stateHistory(command: Command, context: Context): void {
  documentArgument(command).argument('[field]', 'only writes to this field');
  examples(connectionOptions(pageOptions(command)), [
    { says: 'The last writes, latest first', line: 'orchestrator state history echo' },
    {
      says: 'Who wrote a field, for a script',
      line: `orchestrator state history echo mood --json | jq -r '.entries[].by'`,
    },
  ]).action(
    async (id: string, field: string | undefined, options: ConnectionOptions & PageOptions & DocumentOptions) => {
      const params = { ...documentRef(id, options), ...pageOf(options), ...defined({ field }) };
      const page = await withDaemon(context, options, (daemon) => daemon.call('state.history', params));
      context.output.answer(page, () => historyText(page.entries, context));
      noteMore(page, context.output);
    },
  );
}

function historyText(writes: Writes, { output, now }: Context): string {
  if (writes.length === 0) return 'no writes';
  return table(
    [
      { title: 'revision', align: 'right' },
      { title: 'field' },
      { title: 'write', flexible: true },
      { title: 'outcome' },
      { title: 'by' },
      { title: 'when' },
    ],
    writes.map(({ revision, field, operation, outcome, by, at }) => [
      String(revision),
      field === undefined ? '' : output.style.bold(field),
      JSON.stringify(operation),
      outcome,
      by,
      relativeTime(at, now()),
    ]),
    output,
  );
}
