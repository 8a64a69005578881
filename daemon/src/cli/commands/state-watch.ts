import type { Methods, ParamsOf } from '@ai-orchestrator/protocol';
import type { StateChange } from '@ai-orchestrator/protocol/client';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { documentArgument, documentRef } from '../document.js';
import type { DocumentOptions } from '../document.js';
import { examples } from '../examples.js';
import type { Output } from '../output.js';
import { stopped } from '../stopped.js';
import { clockTime } from '../time-text.js';

interface WatchOptions extends ConnectionOptions, DocumentOptions {
  readonly after?: string;
}

/** `orchestrator state watch` */
export function stateWatch(command: Command, context: Context): void {
  documentArgument(command).option(
    '--after <cursor>',
    'begin after a cursor that an earlier run printed, and miss nothing',
  );
  examples(connectionOptions(command), [
    { says: 'Every write to what an agent keeps, until Ctrl-C', line: 'orchestrator state watch echo' },
    {
      says: 'Conflicts in the document of a context, for a script',
      line: `orchestrator state watch release-plan --context --json | jq -r 'select(.outcome == "conflict").field'`,
    },
  ]).action(async (id: string, options: WatchOptions) => {
    const { output } = context;
    await withDaemon(
      context,
      options,
      async (daemon) => {
        const params: ParamsOf<Methods['state.watch']> = {
          ...documentRef(id, options),
          ...defined({ after: options.after }),
        };
        const subscription = await daemon.follow<StateChange>('state.watch', params);
        for await (const change of subscription) output.entry(change, () => changeLine(change, output));
        throw stopped(subscription.cursor);
      },
      { lasting: true },
    );
  });
}

/** A write as one line: when, which revision, field, what it did, what became of it, by whom. */
function changeLine({ at, revision, field, operation, outcome, by, state }: StateChange, { style }: Output): string {
  const value = state === undefined || state.deleted === true ? operation : { value: state.value };
  return [
    style.dim(clockTime(at)),
    String(revision),
    ...(field === undefined ? [] : [style.bold(field)]),
    JSON.stringify(value),
    outcome,
    style.dim(by),
  ].join('  ');
}
