import type { contextMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { Conversation } from './conversation.js';
import { participantName } from './participants.js';
import type { StoredContext, StoredParticipant, StoredTurn } from './stored-context.js';

/** A context as those who take part see it. */
export type ContextRecord = Static<typeof contextMethods.ContextRecord>;
/** Whose turn it is, as callers see it. */
export type Turn = Static<typeof contextMethods.Turn>;

/** A context as those who take part see it. */
export function contextRecord({ context, turn, transcript }: Conversation): ContextRecord {
  const { summary, erased } = context;
  return {
    ...about(context),
    participants: context.participants.map(participantView),
    turnMs: context.turnMs,
    ...(context.turns === 'free' ? {} : { turn: turnView(turn) }),
    ...(context.retentionMs === undefined ? {} : { retentionMs: context.retentionMs }),
    originalMs: context.originalMs,
    entries: transcript.count,
    bytes: transcript.bytes,
    first: context.first,
    last: transcript.next - 1,
    ...(summary === undefined ? {} : { summary: { entry: summary.entry, upTo: summary.upTo } }),
    ...(erased === undefined ? {} : { erased: { ...erased, at: time(erased.at) } }),
  };
}

/** A context in a listing. */
export function contextSummary(context: StoredContext): Static<typeof contextMethods.ContextSummary> {
  return { ...about(context), participants: context.participants.length };
}

/** A participant as others see it. */
export function participantView({ joinedAt, ...rest }: StoredParticipant): ContextRecord['participants'][number] {
  return { ...rest, joinedAt: time(joinedAt) };
}

/** Whose turn it is, as callers see it. */
export function turnView({ holder, until }: StoredTurn): Turn {
  return {
    ...(holder === undefined ? {} : { holder: participantName(holder) }),
    ...(until === undefined ? {} : { until: time(until) }),
  };
}

function about({ id, title, state, turns, createdBy, createdAt, updatedAt }: StoredContext) {
  return {
    contextId: id,
    ...(title === undefined ? {} : { title }),
    state,
    turns,
    createdBy,
    createdAt: time(createdAt),
    updatedAt: time(updatedAt),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
