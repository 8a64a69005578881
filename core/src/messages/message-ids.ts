import type { Clock, Random } from '../host/time.js';

const COUNT_BITS = 24;
const HEX = Array.from({ length: 4096 }, (_, i) => i.toString(16).padStart(3, '0'));

/**
 * Makes message ids of the UUIDv7 form [RFC 9562 §5.7]: milliseconds, a counter of 24 bits that starts again each millisecond, and 50
 * random bits drawn once. Later ids sort after earlier ones, also when the clock goes back. They are names, not secrets.
 */
export class MessageIds {
  readonly #tail: string;
  #at = 0;
  #prefix = '';
  #count = 0;

  /** @param after wall-clock ms before which no id says it was made, for the order over restarts */
  constructor(
    private readonly clock: Clock,
    random: Random,
    after = 0,
  ) {
    this.#startAt(after);
    const bytes = random.bytes(6);
    this.#tail = bytes.toString('hex');
  }

  next(): string {
    const now = this.clock.now();
    if (now > this.#at || ++this.#count >= 1 << COUNT_BITS) this.#startAt(Math.max(now, this.#at + 1));
    return `${this.#prefix}${HEX[this.#count >>> 12] ?? ''}-8${HEX[this.#count & 0xfff] ?? ''}-${this.#tail}`;
  }

  #startAt(ms: number): void {
    const hex = ms.toString(16).padStart(12, '0');
    this.#at = ms;
    this.#count = 0;
    this.#prefix = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
  }
}
