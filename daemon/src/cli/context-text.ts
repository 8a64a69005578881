import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Context } from './context.js';
import type { Output } from './output.js';
import { printable } from './printable.js';
import { table } from './table.js';
import { bytesText, clockTime, durationText, relativeTime } from './time-text.js';

/** A context as `context.get` answers it. */
export type ContextRecord = ResultOf<Methods['context.get']>;
/** One entry of a transcript. */
export type TranscriptEntry = ResultOf<Methods['context.read']>['entries'][number];

/** A context for people. */
export function contextText(record: ContextRecord, { output, now }: Context): string {
  const { style } = output;
  const { turn, summary } = record;
  const who = table(
    [{ title: 'participant' }, { title: 'role' }, { title: 'principal' }, { title: 'joined' }],
    record.participants.map(({ principal, agent, role, joinedAt }) => [
      style.bold(agent ?? principal),
      role,
      principal,
      relativeTime(joinedAt, now()),
    ]),
    output,
  );
  const about = output.pairs([
    ['turns', record.turns],
    ['turn', turn?.holder === undefined ? undefined : nameOf(turn.holder)],
    ['entries', `${String(record.entries)} (${bytesText(record.bytes)})`],
    [
      'summary',
      summary === undefined ? undefined : `entry ${String(summary.entry)} for all up to ${String(summary.upTo)}`,
    ],
    ['retention', record.retentionMs === undefined ? undefined : durationText(record.retentionMs)],
    ['begun', `${relativeTime(record.createdAt, now())} by ${record.createdBy}`],
    ['changed', relativeTime(record.updatedAt, now())],
  ]);
  const title = `${style.bold(record.contextId)}  ${style.state(record.state)}${record.title === undefined ? '' : `  ${record.title}`}`;
  return [title, about, ...(record.participants.length === 0 ? [] : [who])].join('\n\n');
}

/** One entry as a line, or as several where it has much to say. */
export function entryText(entry: TranscriptEntry, { style }: Output): string {
  const { entry: number, at, by, agent, type, payload, ref, to, participant, reason } = entry;
  const said = payload === undefined ? undefined : typeof payload === 'string' ? payload : JSON.stringify(payload);
  const about = [
    ...(participant === undefined ? [] : [`${participant.agent ?? participant.principal} (${participant.role})`]),
    ...(to === undefined ? [] : [`to ${to.join(', ')}`]),
    ...Object.values(ref ?? {}).filter((id) => typeof id === 'string'),
    ...(reason === undefined ? [] : [reason]),
  ];
  return [
    style.dim(String(number).padStart(4)),
    style.dim(clockTime(at)),
    style.bold(agent ?? by),
    ...(type === 'message' ? [] : [style.cyan(type)]),
    ...(about.length === 0 ? [] : [style.dim(about.join(' '))]),
    ...(said === undefined ? [] : [printable(said)]),
  ].join('  ');
}

/** A participant by name. */
export function nameOf(name: { readonly agent: string } | { readonly principal: string }): string {
  return 'agent' in name ? name.agent : name.principal;
}
