import { IdTable, type Chained } from '@ai-orchestrator/core/plugin';

interface Entry<Key extends string | number, T> extends Chained<Entry<Key, T>> {
  readonly id: Key;
  value: T;
}

/** What is on its way, by an id that it does not carry itself; in an {@link IdTable}, for the reason that is said there. */
export class InFlight<Key extends string | number, T> {
  #table = new IdTable<Entry<Key, T>>();

  get size(): number {
    return this.#table.size;
  }

  get(key: Key): T | undefined {
    return this.#table.get(key)?.value;
  }

  /** Takes it, instead of what was there by this id. */
  set(key: Key, value: T): void {
    const known = this.#table.get(key);
    if (known === undefined) this.#table.add({ id: key, value, nextInBucket: undefined });
    else known.value = value;
  }

  /** Whether it was there. */
  delete(key: Key): boolean {
    const known = this.#table.get(key);
    return known !== undefined && this.#table.delete(known);
  }

  clear(): void {
    this.#table = new IdTable();
  }

  /** A copy, in no order, so that each of it may be deleted while it is gone through. */
  values(): T[] {
    return this.#table.values().map(({ value }) => value);
  }

  /** In no order, without a copy: nothing may be taken or deleted meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (const { value } of this.#table) yield value;
  }
}
