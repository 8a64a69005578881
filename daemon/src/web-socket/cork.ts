/** Something that gathers what is written to it during a turn. */
export interface Corked {
  flush(): void;
}

/** Flushes whatever was written to at the end of the turn: one write for each socket and turn instead of one a message. */
export class Cork {
  #waiting: Corked[] = [];

  /** Flushes it at the end of this turn. */
  add(corked: Corked): void {
    if (this.#waiting.push(corked) === 1) setImmediate(this.#uncork);
  }

  readonly #uncork = (): void => {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const corked of waiting) corked.flush();
  };
}
