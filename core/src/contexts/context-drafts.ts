import { events } from '@ai-orchestrator/protocol';
import type { DetailsOf, EventDeclaration } from '@ai-orchestrator/protocol';
import { DAEMON } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import type { EventDraft } from '../store/record.js';
import type { JsonValue } from '../store/store.js';
import { participantKey } from './participants.js';
import type { Erased, StoredContext, StoredParticipant, StoredTurn } from './stored-context.js';

/** Who does something: a call, or the daemon on its own account. */
export type Doer = Pick<Call, 'principal' | 'traceparent'> | undefined;

/** Drafts of the journal's records about contexts: names, numbers and hashes. */
export const contextDrafts = {
  created: ({ id, turns, participants }: StoredContext, by: Doer): EventDraft =>
    draft(events.contextCreated, id, by, { turns, participants: participants.map(participantKey) }),

  joined: (id: string, participant: StoredParticipant, by: Doer): EventDraft =>
    draft(events.contextJoined, id, by, { participant: participantKey(participant), role: participant.role }),

  left: (id: string, participant: StoredParticipant, removed: boolean, by: Doer): EventDraft =>
    draft(events.contextLeft, id, by, { participant: participantKey(participant), removed }),

  updated: (id: string, changed: readonly string[], by: Doer): EventDraft =>
    draft(events.contextUpdated, id, by, { changed: [...changed] }),

  closed: (id: string, entries: number, by: Doer): EventDraft => draft(events.contextClosed, id, by, { entries }),

  appended: (id: string, details: { entry: number; agent?: string; bytes: number }, hash: string, by: Doer) => ({
    ...draft(events.contextAppended, id, by, details),
    contentHash: hash,
  }),

  summarized: (id: string, details: { entry: number; upTo: number; bytes: number }, hash: string, by: Doer) => ({
    ...draft(events.contextSummarized, id, by, details),
    contentHash: hash,
  }),

  turnPassed: (id: string, from: StoredTurn, to: StoredTurn, reason: string, by: Doer): EventDraft =>
    draft(events.contextTurnPassed, id, by, {
      ...(from.holder === undefined ? {} : { from: from.holder }),
      ...(to.holder === undefined ? {} : { to: to.holder }),
      reason,
    }),

  exported: (id: string, entries: number, by: Doer): EventDraft => draft(events.contextExported, id, by, { entries }),

  erasing: (id: string, reason: string | undefined, by: Doer): EventDraft =>
    draft(events.contextErasing, id, by, reason === undefined ? {} : { reason }),

  erased: (id: string, removed: Erased, by: string): EventDraft => ({
    ...draft(events.contextErased, id, undefined, removed),
    principal: by,
  }),

  trimmed: (id: string, upTo: number, entries: number): EventDraft =>
    draft(events.contextTrimmed, id, undefined, { upTo, entries }),
};

function draft<E extends EventDeclaration>(
  event: E,
  contextId: string,
  by: Doer,
  details: Omit<DetailsOf<E>, 'contextId'> & Record<string, JsonValue>,
): EventDraft {
  const traceId = by?.traceparent?.split('-')[1];
  const drafted = {
    action: event.name,
    resource: `context/${contextId}`,
    principal: (by?.principal ?? DAEMON).id,
    details: { contextId, ...details },
  };
  return traceId === undefined ? drafted : { ...drafted, traceId };
}
