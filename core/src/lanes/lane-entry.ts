import type { Lane } from './lane.js';

/** Priorities of items: 9 goes first. */
export const PRIORITIES = 10;

/** What is put into a lane; what it is about is kept elsewhere, under its id. */
export interface LaneItem {
  /** Of characters that JSON does not escape. */
  readonly id: string;
  /** 0 to 9, 9 goes first. */
  readonly priority: number;
  /** What it counts against the lane's bound. */
  readonly bytes: number;
  /** How often it may be claimed; without end unless said. */
  readonly maxAttempts?: number | undefined;
  /** When it is over if nobody has it then, wall-clock ms. */
  readonly expiresAt?: number | undefined;
  /** Not claimed before, wall-clock ms. */
  readonly notBefore?: number | undefined;
}

/** Where in its lane an item is. */
export interface LanePosition {
  readonly priority: number;
  readonly sequence: number;
}

/** Where an item is, so that it can be found again. */
export interface LanePlace extends LanePosition {
  readonly lane: string;
}

/**
 * `queued` and `delayed` wait for a claim; `claimed` is somebody's; `held` is on its way to its end because its time is over or its
 * attempts are used up; `gone` is in the lane no more.
 */
export type LaneState = 'queued' | 'delayed' | 'claimed' | 'held' | 'gone';

/** An item of a lane, as long as memory knows of it. Only the lane changes it. */
export class LaneEntry {
  state: LaneState = 'queued';
  /** Claims so far: on disk never fewer than anybody has seen. */
  attempt = 0;
  notBefore: number | undefined;
  /** Whoever had it was lost, perhaps through its fault: it is to be tried alone. */
  suspect = false;
  /** Whether a change of it is on its way to the disk; there is at most one. */
  changing = false;

  constructor(
    readonly lane: Lane,
    readonly sequence: number,
    readonly id: string,
    readonly priority: number,
    readonly bytes: number,
    public maxAttempts: number | undefined,
    readonly expiresAt: number | undefined,
  ) {}

  get place(): LanePlace {
    return { lane: this.lane.name, priority: this.priority, sequence: this.sequence };
  }
}

interface StoredEntry {
  readonly id: string;
  readonly attempt: number;
  readonly bytes: number;
  readonly maxAttempts?: number;
  readonly expiresAt?: number;
  readonly notBefore?: number;
  readonly suspect?: true;
}

/** An entry as it is stored. */
export function entryText({ id, attempt, bytes, maxAttempts, expiresAt, notBefore, suspect }: LaneEntry): string {
  let text = `{"id":"${id}","attempt":${String(attempt)},"bytes":${String(bytes)}`;
  if (maxAttempts !== undefined) text += `,"maxAttempts":${String(maxAttempts)}`;
  if (expiresAt !== undefined) text += `,"expiresAt":${String(expiresAt)}`;
  if (notBefore !== undefined) text += `,"notBefore":${String(notBefore)}`;
  if (suspect) text += ',"suspect":true';
  return `${text}}`;
}

/** The entry that is stored at a place. */
export function entryFrom(lane: Lane, priority: number, sequence: number, stored: unknown): LaneEntry {
  const { id, attempt, bytes, maxAttempts, expiresAt, notBefore, suspect } = stored as StoredEntry;
  const entry = new LaneEntry(lane, sequence, id, priority, bytes, maxAttempts, expiresAt);
  entry.attempt = attempt;
  entry.notBefore = notBefore;
  entry.suspect = suspect === true;
  return entry;
}
