import type { Output } from './output.js';
import { printable } from './printable.js';
import type { TimelineEntry, TimelineTree } from './timeline-tree.js';
import { clockTime, exactDuration } from './time-text.js';
import { fitted, visibleLength } from './visible-text.js';

const WHEN_WIDTH = 8;

/** A timeline as a tree: when each thing happened, what it was, how it ended and how long it took. */
export function timelineText(tree: TimelineTree, output: Output): string {
  const { begin } = tree;
  const lines = tree.lines();
  const widest = Math.max(WHEN_WIDTH, ...lines.map(({ entry, branch }) => whenText(entry, branch, begin).length));
  return lines.map(({ entry, branch }) => entryLine(entry, branch, begin, output, widest)).join('\n');
}

/**
 * One entry as a line, with its id where that leads further and there is room for it.
 *
 * @param branch what leads to it in a tree
 * @param begin what its time is counted from, milliseconds since 1970 UTC
 * @param whenWidth characters of the column that says when
 */
export function entryLine(
  entry: TimelineEntry,
  branch: string,
  begin: number,
  { style, width }: Output,
  whenWidth = WHEN_WIDTH,
): string {
  const when = whenText(entry, branch, begin);
  const parts = [
    printable(whatText(entry, style)),
    ...stateText(entry, style),
    ...(entry.durationMs === undefined ? [] : [exactDuration(entry.durationMs)]),
  ];
  const line = `${style.dim(when.padStart(whenWidth))}  ${style.dim(branch)}${parts.join('  ')}`;
  const whole = hasOwnId(entry) ? `${line}  ${style.dim(entry.id.slice(entry.id.indexOf('/') + 1))}` : line;
  if (width === undefined || visibleLength(whole) <= width) return whole;
  return fitted(line, width);
}

function whenText({ at }: TimelineEntry, branch: string, begin: number): string {
  return branch === '' ? clockTime(at) : `+${exactDuration(Date.parse(at) - begin)}`;
}

function whatText(entry: TimelineEntry, style: Output['style']): string {
  const { kind, agent, attempt = 1, principal = '', details = {} } = entry;
  const to = agent === undefined ? '' : ` → ${agent}`;
  switch (kind) {
    case 'message':
      return details.type === 'message' ? `message${to}` : `message ${style.bold(String(details.type))}${to}`;
    case 'delivery':
      return `delivery ${String(attempt)}`;
    case 'task':
      return details.skill === undefined ? `task${to}` : `task ${style.bold(String(details.skill))}${to}`;
    case 'tool':
      return `tool ${style.bold(`${String(details.tool)} ${String(details.version)}`)} of ${String(details.provider)}`;
    case 'step':
      return stepText(String(details.step), entry);
    case 'context':
      return `context ${style.bold(entry.id.slice('context/'.length))}`;
    case 'entry':
      return details.type === 'message'
        ? `${agent ?? principal} spoke`
        : `${agent ?? principal}: ${String(details.type)}`;
  }
}

function stepText(step: string, { agent = '', attempt = 1, details = {} }: TimelineEntry): string {
  switch (step) {
    case 'assigned':
      return attempt > 1 ? `assigned to ${agent}, attempt ${String(attempt)}` : `assigned to ${agent}`;
    case 'attemptFailed':
      return `attempt ${String(attempt)}`;
    case 'inputRequired':
      return 'asks for input';
    case 'inputGiven':
      return 'was given its input';
    case 'artifact':
      return `artifact ${String(details.artifactId)}, version ${String(details.version)}`;
    case 'lateResult':
      return 'a late result, refused';
    default:
      return step;
  }
}

/** How it ended, or that it goes on, and why. */
function stateText({ kind, outcome, details = {} }: TimelineEntry, style: Output['style']): string[] {
  const state = outcome ?? GOES_ON[kind]?.(details);
  if (state === undefined) return [];
  const why = details.reason ?? details.error;
  return [why === undefined ? style.state(state) : `${style.state(state)} (${printable(String(why))})`];
}

type Details = NonNullable<TimelineEntry['details']>;

const GOES_ON: Readonly<Partial<Record<TimelineEntry['kind'], (details: Details) => string | undefined>>> = {
  message: () => 'pending',
  delivery: () => 'in flight',
  task: ({ state }) => String(state),
};

function hasOwnId({ kind }: TimelineEntry): boolean {
  return kind === 'message' || kind === 'task';
}
