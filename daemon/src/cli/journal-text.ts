import type { ResultOf, journalMethods } from '@ai-orchestrator/protocol';
import type { Output } from './output.js';
import { printable } from './printable.js';
import { clockTime } from './time-text.js';

/** One record of the journal. */
export type JournalRecord = ResultOf<typeof journalMethods.journalRead>['entries'][number];

const ACTION_WIDTH = 20;
const RESOURCE_WIDTH = 24;

/** A record as one line: when, what, on what, by whom, and its details. */
export function recordText(record: JournalRecord, { style }: Output): string {
  const action = record.action.padEnd(ACTION_WIDTH);
  const failed = record.outcome !== 'success';
  const details = Object.entries(record.details ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  return [
    style.dim(String(record.sequence).padStart(6)),
    style.dim(clockTime(record.time)),
    failed ? style.red(action) : style.cyan(action),
    printable(record.resource).padEnd(RESOURCE_WIDTH),
    style.dim('by') + ` ${printable(record.principal)}`,
    ...(failed ? [style.red(record.outcome)] : []),
    style.dim(printable(details.join(' '))),
  ]
    .join('  ')
    .trimEnd();
}
