const FIRST_BUCKETS = 64;

/** What can be in an {@link IdTable}. */
export interface Chained<T> {
  readonly id: string | number;
  nextInBucket: T | undefined;
}

/**
 * What is on its way, by id. Not a `Map`: each time that cleans up after what was deleted, the table it leaves behind keeps all that was in
 * it alive until the next full collection, which came to half of all messages and most of the work of collecting.
 */
export class IdTable<T extends Chained<T>> {
  #buckets = new Array<T | undefined>(FIRST_BUCKETS).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: T['id']): T | undefined {
    let item = this.#buckets[this.#bucketOf(id)];
    while (item !== undefined && item.id !== id) item = item.nextInBucket;
    return item;
  }

  /** @param item one whose id is not there */
  add(item: T): void {
    if (this.#size >= this.#buckets.length) this.#grow();
    this.#size++;
    this.#put(item);
  }

  /** Whether it was there. */
  delete(item: T): boolean {
    const bucket = this.#bucketOf(item.id);
    let before: T | undefined;
    let found = this.#buckets[bucket];
    while (found !== undefined && found !== item) {
      before = found;
      found = found.nextInBucket;
    }
    if (found === undefined) return false;
    if (before === undefined) this.#buckets[bucket] = item.nextInBucket;
    else before.nextInBucket = item.nextInBucket;
    item.nextInBucket = undefined;
    this.#size--;
    return true;
  }

  /** A copy, in no order, so that each of it may be deleted while it is gone through. */
  values(): T[] {
    const items: T[] = [];
    for (const first of this.#buckets) {
      for (let item = first; item !== undefined; item = item.nextInBucket) items.push(item);
    }
    return items;
  }

  /** In no order, without a copy: nothing may be added or deleted meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (const first of this.#buckets) {
      for (let item = first; item !== undefined; item = item.nextInBucket) yield item;
    }
  }

  #put(item: T): void {
    const bucket = this.#bucketOf(item.id);
    item.nextInBucket = this.#buckets[bucket];
    this.#buckets[bucket] = item;
  }

  #grow(): void {
    const items = this.values();
    this.#buckets = new Array<T | undefined>(this.#buckets.length * 2).fill(undefined);
    for (const item of items) this.#put(item);
  }

  /** FNV-1a of a text; numbers rise. Who chooses ids of one bucket makes only their own session slower, within its bound. */
  #bucketOf(id: string | number): number {
    let hash = 0x811c9dc5;
    if (typeof id === 'number') hash = id | 0;
    else for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
    return (hash ^ (hash >>> 15)) & (this.#buckets.length - 1);
  }
}
