/** Bounds of the lanes of one space. */
export interface LaneLimits {
  /** Items in one lane, whatever their state. */
  readonly items: number;
  /** Bytes that its owners say those items have. */
  readonly bytes: number;
  /** Items of one lane that are kept in memory to be claimed next; the others are read when it is their turn. */
  readonly loadedItems: number;
  /** Delayed items of one lane that are kept in memory; the others are found again when the first of them is due. */
  readonly delayedItems: number;
  /** So many claims of a lane go by priority, then one by age, so that no priority starves. */
  readonly claimsByPriority: number;
  /** Between two looks for items whose time is over, ms. */
  readonly sweepMs: number;
}

/** What {@link LaneLimits} are unless configured. */
export const LANE_LIMITS: LaneLimits = {
  items: 10_000,
  bytes: 64 * 1024 * 1024,
  loadedItems: 64,
  delayedItems: 256,
  claimsByPriority: 7,
  sweepMs: 1_000,
};
