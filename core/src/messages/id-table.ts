const FIRST_BUCKETS = 64;

/** What can be in an {@link IdTable}. */
export interface Chained<T> {
  readonly id: string;
  nextInBucket: T | undefined;
}

/**
 * Messages on their way, by id. Not a `Map`: each time that cleans up after what was deleted, the table it leaves behind keeps every
 * message that was in it alive until the next full collection, which came to half of all messages and most of the work of collecting.
 */
export class IdTable<T extends Chained<T>> {
  #buckets = new Array<T | undefined>(FIRST_BUCKETS).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: string): T | undefined {
    let message = this.#buckets[this.#bucketOf(id)];
    while (message !== undefined && message.id !== id) message = message.nextInBucket;
    return message;
  }

  /** @param message one whose id is not there */
  add(message: T): void {
    if (this.#size >= this.#buckets.length) this.#grow();
    this.#size++;
    this.#put(message);
  }

  /** Whether it was there. */
  delete(message: T): boolean {
    const bucket = this.#bucketOf(message.id);
    let before: T | undefined;
    let found = this.#buckets[bucket];
    while (found !== undefined && found !== message) {
      before = found;
      found = found.nextInBucket;
    }
    if (found === undefined) return false;
    if (before === undefined) this.#buckets[bucket] = message.nextInBucket;
    else before.nextInBucket = message.nextInBucket;
    message.nextInBucket = undefined;
    this.#size--;
    return true;
  }

  /** A copy, so that each of it may be deleted while it is gone through. */
  values(): T[] {
    const messages: T[] = [];
    for (const first of this.#buckets) {
      for (let message = first; message !== undefined; message = message.nextInBucket) messages.push(message);
    }
    return messages;
  }

  #put(message: T): void {
    const bucket = this.#bucketOf(message.id);
    message.nextInBucket = this.#buckets[bucket];
    this.#buckets[bucket] = message;
  }

  #grow(): void {
    const messages = this.values();
    this.#buckets = new Array<T | undefined>(this.#buckets.length * 2).fill(undefined);
    for (const message of messages) this.#put(message);
  }

  /** FNV-1a; nobody else chooses the ids that are in here. */
  #bucketOf(id: string): number {
    let hash = 0x811c9dc5;
    for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
    return (hash ^ (hash >>> 15)) & (this.#buckets.length - 1);
  }
}
