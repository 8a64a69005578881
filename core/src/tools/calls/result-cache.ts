import type { Clock } from '../../host/time.js';
import type { ToolResult } from '../tools.js';
import type { ToolCallLimits } from './call-limits.js';

/** A result with what is recorded of it. */
export interface KeptResult {
  readonly result: ToolResult;
  /** SHA-256, hex. */
  readonly resultHash: string;
}

interface Entry extends KeptResult {
  readonly characters: number;
  /** Monotonic ms. */
  readonly expiresAt: number;
}

/** Results of pure tools, for as long as these say; the least recently used go first. */
export class ResultCache {
  /** Least recently used first. */
  readonly #entries = new Map<string, Entry>();
  #characters = 0;

  constructor(
    private readonly limits: Pick<ToolCallLimits, 'cachedResults' | 'cachedCharacters'>,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {}

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): KeptResult | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAt > this.clock.monotonicMs()) {
      this.#entries.set(key, entry);
      return entry;
    }
    this.#characters -= entry.characters;
    return undefined;
  }

  /** @param characters that it has as JSON; what alone is over the bound is not kept */
  set(key: string, kept: KeptResult, characters: number, ttlMs: number): void {
    const old = this.#entries.get(key);
    if (old !== undefined) this.#drop(key, old);
    if (characters > this.limits.cachedCharacters || this.limits.cachedResults < 1) return;
    this.#entries.set(key, { ...kept, characters, expiresAt: this.clock.monotonicMs() + ttlMs });
    this.#characters += characters;
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.limits.cachedResults && this.#characters <= this.limits.cachedCharacters) return;
      this.#drop(oldest, entry);
    }
  }

  #drop(key: string, entry: Entry): void {
    this.#entries.delete(key);
    this.#characters -= entry.characters;
  }
}
