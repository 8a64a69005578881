const FIRST_PLACES = 16;

/**
 * Values under numbers that it gives out, each larger than the one before. A ring of places, because a `Map` through which so many go
 * leaves tables behind that keep half of them alive until the next full collection.
 */
export class Numbered<T extends { readonly id: number }> {
  #places = new Array<T | undefined>(FIRST_PLACES).fill(undefined);
  #last = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Puts in what `create` makes for the next number whose place is free. */
  add(create: (id: number) => T): T {
    if (this.#size * 2 >= this.#places.length) this.#grow();
    do this.#last++;
    while (this.#places[this.#last & (this.#places.length - 1)] !== undefined);
    const value = create(this.#last);
    this.#places[this.#last & (this.#places.length - 1)] = value;
    this.#size++;
    return value;
  }

  /** Takes it out; `undefined` when there is none. */
  take(id: number): T | undefined {
    const place = id & (this.#places.length - 1);
    const value = this.#places[place];
    if (value?.id !== id) return undefined;
    this.#places[place] = undefined;
    this.#size--;
    return value;
  }

  /** A copy, so that each of it may be taken out while it is gone through. */
  values(): T[] {
    return this.#places.filter((value) => value !== undefined);
  }

  #grow(): void {
    const values = this.values();
    const places = new Array<T | undefined>(this.#places.length * 2).fill(undefined);
    for (const value of values) places[value.id & (places.length - 1)] = value;
    this.#places = places;
  }
}
