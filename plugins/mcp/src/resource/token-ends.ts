import type { Authentication, Clock, Timers } from '@ai-orchestrator/core/plugin';

const LOOK_EVERY_MS = 1_000;

/** Tells when tokens end, so that streams that came by them end too. */
export class TokenEnds {
  /** Wall-clock milliseconds, by credential; seen longest ago first. */
  readonly #ends = new Map<string, number>();

  constructor(
    private readonly authentication: Pick<Authentication, 'expire'>,
    private readonly clock: Clock,
    private readonly most: number,
  ) {}

  /** Answers how to stop. */
  watch(timers: Timers): () => void {
    const looking = timers.every(LOOK_EVERY_MS, () => this.look());
    return () => looking.cancel();
  }

  seen(credentialId: string, endsAt: number): void {
    this.#ends.delete(credentialId);
    this.#ends.set(credentialId, endsAt);
    for (const oldest of this.#ends.keys()) {
      if (this.#ends.size <= this.most) break;
      this.#end(oldest);
    }
  }

  /** Ends those whose time has come. */
  look(): void {
    const now = this.clock.now();
    for (const [credentialId, endsAt] of this.#ends) if (endsAt <= now) this.#end(credentialId);
  }

  #end(credentialId: string): void {
    this.#ends.delete(credentialId);
    this.authentication.expire(credentialId);
  }
}
