/** What can be in {@link Slots}, in one of them at a time. */
export interface Slotted {
  /** Its place; -1 when it is in none. */
  slot: number;
}

/**
 * A set for what comes and goes with every call. A `Set` would do, but each time it cleans up after what was deleted, the table it leaves
 * behind keeps everything that was in it alive until the next full collection: half of all calls, their buffers with them.
 */
export class Slots<T extends Slotted> {
  readonly #items: (T | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(item: T): void {
    item.slot = this.#size;
    this.#items[this.#size++] = item;
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    const { slot } = item;
    if (slot < 0 || this.#items[slot] !== item) return false;
    const last = this.#items[--this.#size];
    this.#items[this.#size] = undefined;
    if (last !== undefined && last !== item) {
      this.#items[slot] = last;
      last.slot = slot;
    }
    item.slot = -1;
    return true;
  }

  /** A copy, so that each of it may be deleted while it is gone through. */
  values(): T[] {
    return this.#items.slice(0, this.#size).filter((item) => item !== undefined);
  }
}
