import type { LaneEntry, LanePlace, LanePosition } from './lane-entry.js';

const DIGITS = 16;

/** The keys of one space: `space/lane/9-priority/sequence`, `space-heads/lane` and `space-expiry/time/lane/priority/sequence`. */
export class LaneKeys {
  readonly heads: string;
  readonly headsEnd: string;
  readonly expiry: string;

  constructor(private readonly space: string) {
    this.heads = `${space}-heads/`;
    this.headsEnd = `${space}-heads0`;
    this.expiry = `${space}-expiry/`;
  }

  head(lane: string): string {
    return this.heads + lane;
  }

  entry(lane: string, priority: number, sequence: number): string {
    return `${this.space}/${lane}/${String(9 - priority)}/${padded(sequence)}`;
  }

  /** After all entries of the lane. */
  laneEnd(lane: string): string {
    return `${this.space}/${lane}0`;
  }

  expiryOf(entry: LaneEntry, expiresAt: number): string {
    const { priority, sequence } = entry;
    return `${this.expiry}${padded(expiresAt)}/${entry.lane.name}/${String(priority)}/${padded(sequence)}`;
  }

  /** After everything that is over by then. */
  expiryEnd(now: number): string {
    return `${this.expiry}${padded(now)}0`;
  }

  placeIn(expiryKey: string): LanePlace {
    const at = this.expiry.length + DIGITS + 1;
    const sequenceAt = expiryKey.length - DIGITS;
    return {
      lane: expiryKey.slice(at, sequenceAt - 3),
      priority: Number(expiryKey.slice(sequenceAt - 2, sequenceAt - 1)),
      sequence: Number(expiryKey.slice(sequenceAt)),
    };
  }

  /** The priority and sequence in an entry's key of a lane. */
  positionIn(lane: string, entryKey: string): LanePosition {
    const at = this.space.length + lane.length + 2;
    return { priority: 9 - Number(entryKey.slice(at, at + 1)), sequence: Number(entryKey.slice(at + 2)) };
  }
}

function padded(n: number): string {
  return String(Math.max(0, Math.floor(n))).padStart(DIGITS, '0');
}
