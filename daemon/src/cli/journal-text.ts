import type { ResultOf, journalMethods } from '@ai-orchestrator/protocol';
import type { Output } from './output.js';
import { printable } from './printable.js';
import { clockTime } from './time-text.js';

/** One record of the journal. */
export type JournalRecord = ResultOf<typeof journalMethods.journalRead>['entries'][number];

const ACTION_WIDTH = 20;
/** Of names, and of ids, for which a narrow terminal has no room. */
const RESOURCE_WIDTH = { narrow: 20, wide: 45 } as const;
const WIDE = 120;
const PRINCIPAL_WIDTH = 15;
const GAP = '  ';

/** A record as one line, cut to the terminal: when, what, on what, by whom, and its details. */
export function recordText(record: JournalRecord, { style, width }: Output): string {
  const failed = record.outcome !== 'success';
  const parts: readonly (readonly [text: string, paint: (text: string) => string])[] = [
    [String(record.sequence).padStart(6), (text) => style.dim(text)],
    [clockTime(record.time), (text) => style.dim(text)],
    [record.action.padEnd(ACTION_WIDTH), (text) => (failed ? style.red(text) : style.cyan(text))],
    [record.resource.padEnd(RESOURCE_WIDTH[(width ?? WIDE) < WIDE ? 'narrow' : 'wide']), (text) => text],
    [record.principal.padEnd(PRINCIPAL_WIDTH), (text) => text],
    ...(failed ? [[record.outcome, (text: string) => style.red(text)] as const] : []),
    [detailsText(record), (text) => style.dim(text)],
  ];
  let room = width ?? Infinity;
  const shown: string[] = [];
  for (const [text, paint] of parts) {
    if (room < 1) break;
    const fitting = cut(printable(text), room);
    room -= fitting.length + GAP.length;
    shown.push(paint(fitting));
  }
  return shown.join(GAP).trimEnd();
}

/** Details that the resource does not say already. */
function detailsText({ details = {}, resource }: JournalRecord): string {
  const names = new Set(resource.split('/'));
  return Object.entries(details)
    .filter(([, value]) => !(typeof value === 'string' && names.has(value)))
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, room - 1)}…`;
}
