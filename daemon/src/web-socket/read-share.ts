import type { Clock } from '@ai-orchestrator/core/plugin';

/** How long all connections together go on with what they have read, in one turn of the event loop. */
export class ReadShare {
  #endsAtMs: number | undefined;

  /** @param ms bound of a turn */
  constructor(
    private readonly clock: Clock,
    private readonly ms: number,
  ) {}

  /** Whether it is used up; a turn's share begins when it is first asked for. */
  get isUsedUp(): boolean {
    const now = this.clock.monotonicMs();
    if (this.#endsAtMs !== undefined) return now >= this.#endsAtMs;
    this.#endsAtMs = now + this.ms;
    setImmediate(this.#end);
    return false;
  }

  readonly #end = (): void => {
    this.#endsAtMs = undefined;
  };
}
