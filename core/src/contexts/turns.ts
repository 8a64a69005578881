import { turnView } from './context-view.js';
import { participantKey, speakers } from './participants.js';
import { NO_TURN } from './stored-context.js';
import type { StoredContext, StoredParticipant, StoredTurn } from './stored-context.js';
import type { EntryDraft } from './transcript-entry.js';

/** What turns depend on. */
type Ground = Pick<StoredContext, 'turns' | 'turnMs' | 'participants'>;

/** Whether it is somebody's turn who may speak at all. */
export function mayTakeTurn({ turns }: Ground, turn: StoredTurn, participant: StoredParticipant): boolean {
  if (turns === 'free' || turn.holder === participantKey(participant)) return true;
  if (turns === 'moderator') return participant.role === 'moderator';
  return turn.holder === undefined;
}

/** Whose turn it is after somebody spoke. */
export function afterSpeaking(
  context: StoredContext,
  turn: StoredTurn,
  speaker: string,
  keepTurn: boolean,
  now: number,
): StoredTurn {
  if (context.turns === 'free') return NO_TURN;
  if (keepTurn && (context.turns === 'roundRobin' || turn.holder === speaker)) return given(context, speaker, now);
  if (context.turns === 'roundRobin') return given(context, nextSpeaker(context, speaker), now);
  return turn.holder === speaker ? NO_TURN : turn;
}

/** Whose turn it is after its holder passed it on, or left: the next one's, or nobody's where a moderator says. */
export function afterPassing(context: StoredContext, from: string, to: string | undefined, now: number): StoredTurn {
  if (to !== undefined) return given(context, to, now);
  return context.turns === 'roundRobin' ? given(context, nextSpeaker(context, from), now) : NO_TURN;
}

/**
 * Whose turn it is once all turns that ended without a word have passed on. After a round in which nobody spoke, anybody may begin, so
 * that a conversation that all have left does not write for ever.
 */
export function afterTime(context: StoredContext, turn: StoredTurn, now: number): StoredTurn {
  let at = turn;
  while (at.holder !== undefined && at.until !== undefined && at.until <= now) {
    const idle = at.idle + 1;
    const next = nextSpeaker(context, at.holder);
    if (context.turns !== 'roundRobin' || next === undefined || idle >= speakers(context).length) return NO_TURN;
    at = { holder: next, until: at.until + context.turnMs, idle };
  }
  return at;
}

/** The turn when participants or settings have become others. */
export function afterChange(before: StoredContext, after: StoredContext, turn: StoredTurn, now: number): StoredTurn {
  const { holder } = turn;
  if (after.state !== 'open' || after.turns !== before.turns) return NO_TURN;
  if (holder === undefined || speakers(after).includes(holder)) return turn;
  // The order that the leaver was in says who is next; the others are in the new one still.
  const order = speakers(before);
  const from = order.indexOf(holder);
  const following = [...order.slice(from + 1), ...order.slice(0, from)].find((key) => speakers(after).includes(key));
  return after.turns === 'roundRobin' ? given(after, following, now) : NO_TURN;
}

/** What tells whose turn it is, where that has changed or there are other rules for it. */
export function turnNotes(
  before: { readonly context: StoredContext; readonly turn: StoredTurn },
  after: { readonly context: StoredContext; readonly turn: StoredTurn },
  by: string,
): EntryDraft[] {
  if (after.turn === before.turn && after.context.turns === before.context.turns) return [];
  return [{ by, type: 'turn', turn: turnView(after.turn) }];
}

function given(context: Ground, holder: string | undefined, now: number): StoredTurn {
  return holder === undefined ? NO_TURN : { holder, until: now + context.turnMs, idle: 0 };
}

/** Nobody when there is no other. */
function nextSpeaker(context: StoredContext, from: string): string | undefined {
  const order = speakers(context);
  const next = order[(order.indexOf(from) + 1) % order.length];
  return next === from ? undefined : next;
}
