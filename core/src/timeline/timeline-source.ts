import type { timelineMethods } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { Principal } from '../permissions/principal.js';

/** One thing that happened, as timelines tell it. */
export type TimelineEntry = Static<typeof timelineMethods.TimelineEntry>;

/** What timelines are made of. */
export type TimelineKind = 'context' | 'message' | 'task' | 'tool';

/** Some entries of an item. */
export interface EntriesPage {
  readonly entries: readonly TimelineEntry[];
  /** Where to go on; what may still change is told again from there. */
  readonly next: number;
  /** Whether there is more now. */
  readonly more: boolean;
}

/** One context, message, task or tool call. Its entries have places: at 0 what it is as a whole, after that what happened to it. */
export interface TimelineItem {
  readonly kind: TimelineKind;
  readonly id: string;
  /** Id of the message or task because of which it is there. */
  readonly causeId?: string | undefined;
  readonly contextId?: string | undefined;
  readonly traceId?: string | undefined;
  /** Whether somebody may see it for being party to it. */
  isParty(principal: Principal): boolean;
  /** Whether it is hidden from who is not, though they may read its context. */
  isHidden?(principal: Principal): boolean;
  /**
   * Entries from a place on; the one at 0 names no cause, which depends on who looks.
   *
   * @param limit at least 1
   */
  entries(from: number, limit: number): Promise<EntriesPage>;
}

/** Where items of one kind are found. */
export interface TimelineSource {
  find(id: string): Promise<TimelineItem | undefined>;
}
