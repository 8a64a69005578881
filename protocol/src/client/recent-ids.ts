/** The ids that were added last; older ones are forgotten. */
export class RecentIds {
  readonly #limit: number;
  readonly #ids = new Set<string>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  add(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size <= this.#limit) return;
    // A set keeps the order of insertion, so that its first is the oldest.
    for (const oldest of this.#ids) {
      this.#ids.delete(oldest);
      return;
    }
  }
}
