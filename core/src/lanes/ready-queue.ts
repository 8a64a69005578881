import type { LaneEntry } from './lane-entry.js';

const COMPACT_AT = 64;

/** Entries of one priority in order of sequence; nearly all come in at the end and leave at the front. */
export class ReadyQueue {
  #entries: LaneEntry[] = [];
  #first = 0;

  get size(): number {
    return this.#entries.length - this.#first;
  }

  get front(): LaneEntry | undefined {
    return this.#entries[this.#first];
  }

  add(entry: LaneEntry): void {
    let at = this.#entries.length;
    while (at > this.#first && (this.#entries[at - 1]?.sequence ?? 0) > entry.sequence) at--;
    if (at === this.#entries.length) this.#entries.push(entry);
    else this.#entries.splice(at, 0, entry);
  }

  /** Whether it was there. */
  remove(entry: LaneEntry): boolean {
    if (this.front === entry) {
      this.#first++;
      if (this.#first === this.#entries.length) this.#drop();
      else if (this.#first >= COMPACT_AT) this.#drop(this.#entries.slice(this.#first));
      return true;
    }
    const at = this.#entries.indexOf(entry, this.#first);
    if (at >= 0) this.#entries.splice(at, 1);
    return at >= 0;
  }

  /** A copy. */
  values(): LaneEntry[] {
    return this.#entries.slice(this.#first);
  }

  #drop(kept: LaneEntry[] = []): void {
    this.#entries = kept;
    this.#first = 0;
  }
}
