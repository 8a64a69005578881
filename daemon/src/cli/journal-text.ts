import type { ResultOf, journalMethods } from '@ai-orchestrator/protocol';
import type { Output } from './output.js';
import { printable } from './printable.js';
import { clockTime } from './time-text.js';

/** One record of the journal. */
export type JournalRecord = ResultOf<typeof journalMethods.journalRead>['entries'][number];

const SEQUENCE_WIDTH = 6;
const ACTION_WIDTH = 22;
const PRINCIPAL_WIDTH = 15;
/** Of ids, in terminals that have room for them and for details beside them; narrower ones give it what is left, and details a line of their own. */
const RESOURCE_WIDTH = 45;
const WIDE = 120;
const LEAST_RESOURCE_WIDTH = 12;
const GAP = '  ';

/** Text that takes its place in a line, and its colour. */
type Part = readonly [text: string, paint: (text: string) => string];

/** A record, cut to the terminal: when, what, on what, by whom, and its details, which stand below where the terminal is narrow. */
export function recordText(record: JournalRecord, { style, width = Infinity }: Output): string {
  const failed = record.outcome !== 'success';
  const isWide = width >= WIDE;
  const plain = (text: string): string => text;
  const dim = (text: string): string => style.dim(text);
  const red = (text: string): string => style.red(text);
  const cyan = (text: string): string => style.cyan(text);
  const column = (text: string, columns: number): string => (isWide ? text : shortened(text, columns)).padEnd(columns);
  const time = clockTime(record.time);
  const others = SEQUENCE_WIDTH + time.length + ACTION_WIDTH + PRINCIPAL_WIDTH + 4 * GAP.length;
  const resourceWidth = isWide ? RESOURCE_WIDTH : Math.max(LEAST_RESOURCE_WIDTH, width - others);
  const what: readonly Part[] = [
    [String(record.sequence).padStart(SEQUENCE_WIDTH), dim],
    [time, dim],
    [column(record.action, ACTION_WIDTH), failed ? red : cyan],
    [column(record.resource, resourceWidth), plain],
    [column(record.principal, PRINCIPAL_WIDTH), plain],
  ];
  const details: readonly Part[] = [...(failed ? [[record.outcome, red] as const] : []), [detailsText(record), dim]];
  if (isWide) return line([...what, ...details], width);
  const below = line([[' '.repeat(SEQUENCE_WIDTH + GAP.length + time.length), plain], ...details], width);
  return `${line(what, width)}${below === '' ? '' : `\n${below}`}`;
}

function line(parts: readonly Part[], width: number): string {
  let room = width;
  const shown: string[] = [];
  for (const [text, paint] of parts) {
    if (room < 1) break;
    const fitting = printable(cut(text, room));
    room -= fitting.length + GAP.length;
    if (fitting !== '') shown.push(paint(fitting));
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

/** Cut in its midst: ids differ at their end, and say at their beginning what they are of. */
function shortened(text: string, columns: number): string {
  if (text.length <= columns) return text;
  const end = Math.floor((columns - 1) / 2);
  return `${text.slice(0, columns - 1 - end)}…${text.slice(-end)}`;
}
