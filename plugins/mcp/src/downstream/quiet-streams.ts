import { InFlight } from '../in-flight.js';

/** A stream or an unanswered request, which is kept alive while it is quiet. */
export interface Quiet {
  keepAlive(): void;
}

/** Streams and unanswered requests of all clients. */
export class QuietStreams {
  readonly #all = new InFlight<number, Quiet>();
  #last = 0;

  /** Answers what to delete it by. */
  add(one: Quiet): number {
    this.#all.set(++this.#last, one);
    return this.#last;
  }

  delete(key: number): void {
    this.#all.delete(key);
  }

  keepAlive(): void {
    for (const one of this.#all.values()) one.keepAlive();
  }
}
