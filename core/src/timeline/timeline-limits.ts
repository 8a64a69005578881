/** Bounds of timelines. */
export interface TimelineLimits {
  /** Causes above each other; what is deeper is not shown. */
  readonly depth: number;
  /** Contexts, messages and tasks that one page looks at, whether they are shown or not. */
  readonly pageItems: number;
  /** Contexts, messages and tasks of a timeline that is watched. */
  readonly watchedItems: number;
}

/** What {@link TimelineLimits} are unless configured. */
export const TIMELINE_LIMITS: TimelineLimits = { depth: 64, pageItems: 500, watchedItems: 10_000 };
