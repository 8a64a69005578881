import type { contextMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';

/** What a participant may do. */
export type ContextRole = Static<typeof contextMethods.ContextRole>;
/** Who speaks when. */
export type TurnMode = Static<typeof contextMethods.TurnMode>;
/** What an erasure took away. */
export type Erased = Static<typeof contextMethods.Erased>;

/** Somebody who takes part: a principal itself, or by an agent of it. */
export interface StoredParticipant {
  readonly principal: string;
  readonly agent?: string;
  readonly role: ContextRole;
  /** Wall-clock ms. */
  readonly joinedAt: number;
}

/** Settings and participants of a context, as they are stored; times are wall-clock ms. */
export interface StoredContext {
  readonly id: string;
  readonly title?: string;
  readonly state: 'open' | 'closed' | 'erasing' | 'erased';
  readonly turns: TurnMode;
  readonly turnMs: number;
  readonly retentionMs?: number;
  readonly originalMs: number;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** In the order in which they joined, which is that of the turns. */
  readonly participants: readonly StoredParticipant[];
  /** Entries before this one were deleted. */
  readonly first: number;
  readonly summary?: { readonly entry: number; readonly upTo: number; readonly at: number };
  /** When to look for entries whose retention has ended. */
  readonly due?: number | undefined;
  /** What an erasure that is not over has deleted so far. */
  readonly removed?: Erased;
  readonly erased?: { readonly at: number; readonly by: string; readonly removed: Erased };
}

/** How far a transcript is. */
export interface TranscriptHead {
  /** Number of the next entry. */
  readonly next: number;
  readonly count: number;
  readonly bytes: number;
}

/** Whose turn it is. */
export interface StoredTurn {
  /** As {@link participantKey} names it; nobody: see {@link TurnMode}. */
  readonly holder?: string;
  /** Wall-clock ms. */
  readonly until?: number;
  /** Turns in a row that ended without a word. */
  readonly idle: number;
}

/** Nobody has the turn. */
export const NO_TURN: StoredTurn = { idle: 0 };
