/** Runs one thing at a time; all who ask while it runs share the next run, which sees everything that was there when they asked. */
export class SharedRuns {
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(private readonly run: () => Promise<void>) {}

  /** Resolves once a run that began at or after this call has ended. Rejects as it did. */
  ask(): Promise<void> {
    if (this.#running === undefined && this.#next === undefined) return this.#start();
    this.#next ??= this.idle().then(() => {
      this.#next = undefined;
      return this.#start();
    });
    return this.#next;
  }

  /** Resolves once the present run has ended, well or not. */
  async idle(): Promise<void> {
    await this.#running?.catch(() => undefined);
  }

  #start(): Promise<void> {
    const running = this.run().finally(() => {
      this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
