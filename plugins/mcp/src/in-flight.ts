interface Entry<Key, T> {
  readonly key: Key;
  value: T;
  /** The next in its bucket. */
  next: Entry<Key, T> | undefined;
}

const FIRST_BUCKETS = 64;

/**
 * What is on its way, by id. Not a `Map`: each time that cleans up after what was deleted, the table it leaves behind keeps alive all that
 * was in it until the next full collection; with what hangs on a call, that was a fifth of all that calls allocate.
 */
export class InFlight<Key extends string | number, T> {
  #buckets = new Array<Entry<Key, T> | undefined>(FIRST_BUCKETS).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(key: Key): T | undefined {
    return this.#find(key)?.value;
  }

  /** Takes it, instead of what was there by this id. */
  set(key: Key, value: T): void {
    const known = this.#find(key);
    if (known !== undefined) {
      known.value = value;
      return;
    }
    if (this.#size >= this.#buckets.length) this.#grow();
    this.#size++;
    this.#put({ key, value, next: undefined });
  }

  /** Whether it was there. */
  delete(key: Key): boolean {
    const bucket = this.#bucketOf(key);
    let before: Entry<Key, T> | undefined;
    let found = this.#buckets[bucket];
    while (found !== undefined && found.key !== key) {
      before = found;
      found = found.next;
    }
    if (found === undefined) return false;
    if (before === undefined) this.#buckets[bucket] = found.next;
    else before.next = found.next;
    found.next = undefined;
    this.#size--;
    return true;
  }

  clear(): void {
    this.#buckets = new Array<Entry<Key, T> | undefined>(FIRST_BUCKETS).fill(undefined);
    this.#size = 0;
  }

  /** A copy, in no order, so that each of it may be deleted while it is gone through. */
  values(): T[] {
    return this.#entries().map(({ value }) => value);
  }

  /** In no order, without a copy: nothing may be taken or deleted meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (const first of this.#buckets) {
      for (let entry = first; entry !== undefined; entry = entry.next) yield entry.value;
    }
  }

  #entries(): Entry<Key, T>[] {
    const entries: Entry<Key, T>[] = [];
    for (const first of this.#buckets) {
      for (let entry = first; entry !== undefined; entry = entry.next) entries.push(entry);
    }
    return entries;
  }

  #find(key: Key): Entry<Key, T> | undefined {
    let entry = this.#buckets[this.#bucketOf(key)];
    while (entry !== undefined && entry.key !== key) entry = entry.next;
    return entry;
  }

  #put(entry: Entry<Key, T>): void {
    const bucket = this.#bucketOf(entry.key);
    entry.next = this.#buckets[bucket];
    this.#buckets[bucket] = entry;
  }

  #grow(): void {
    const entries = this.#entries();
    this.#buckets = new Array<Entry<Key, T> | undefined>(this.#buckets.length * 2).fill(undefined);
    for (const entry of entries) this.#put(entry);
  }

  /** FNV-1a of a text; ids of ours rise. A client that looks for ids of one bucket makes its own session slower, within its bound. */
  #bucketOf(key: Key): number {
    let hash = 0x811c9dc5;
    if (typeof key === 'number') hash = key | 0;
    else for (let at = 0; at < key.length; at++) hash = Math.imul(hash ^ key.charCodeAt(at), 0x01000193);
    return (hash ^ (hash >>> 15)) & (this.#buckets.length - 1);
  }
}
