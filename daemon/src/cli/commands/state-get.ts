import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { documentArgument, documentRef } from '../document.js';
import type { DocumentOptions } from '../document.js';
import { examples } from '../examples.js';
import { table } from '../table.js';
import { relativeTime } from '../time-text.js';

type Document = ResultOf<Methods['state.get']>;

/** `orchestrator state get` */
export function stateGet(command: Command, context: Context): void {
  documentArgument(command).argument('[fields...]', 'names of fields; all of them unless said');
  examples(connectionOptions(command), [
    { says: 'Everything that an agent keeps', line: 'orchestrator state get echo' },
    {
      says: 'The value of one field, for a script',
      line: `orchestrator state get echo mood --json | jq .fields.mood.value`,
    },
  ]).action(async (id: string, fields: readonly string[], options: ConnectionOptions & DocumentOptions) => {
    const params = { ...documentRef(id, options), ...(fields.length === 0 ? {} : { fields: [...fields] }) };
    const document = await withDaemon(context, options, (daemon) => daemon.call('state.get', params));
    context.output.answer(document, () => documentText(document, context));
  });
}

function documentText({ agentId, contextId, revision, fields }: Document, { output, now }: Context): string {
  const { style } = output;
  const named = Object.entries(fields);
  const title = `${style.bold(agentId ?? contextId ?? '')}  ${style.dim(`revision ${String(revision)}`)}`;
  if (named.length === 0) return `${title}\n\nno fields`;
  const rows = named.map(([name, field]) => [
    style.bold(name),
    field.deleted === true ? style.dim('deleted') : JSON.stringify(field.value),
    String(field.revision),
    field.conflict === undefined
      ? field.rule
      : style.red(`${field.rule}, ${String(field.conflict.alternatives.length)} versions`),
    field.updatedBy,
    relativeTime(field.updatedAt, now()),
  ]);
  const columns = [
    { title: 'field' },
    { title: 'value', flexible: true },
    { title: 'revision', align: 'right' as const },
    { title: 'rule' },
    { title: 'by' },
    { title: 'changed' },
  ];
  return `${title}\n\n${table(columns, rows, output)}`;
}
