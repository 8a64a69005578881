/** Does at most so many things at a time; the others wait, the first come first. How many may wait is for who gives them to bound. */
export class AtOnce {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(private readonly most: number) {}

  async run<T>(job: () => Promise<T>): Promise<T> {
    if (this.#running < this.most) this.#running += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await job();
    } finally {
      const next = this.#waiting.shift();
      // The place goes to who waits longest.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
