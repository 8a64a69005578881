import { randomBytes, randomFillSync } from 'node:crypto';
import { inject, injectable } from 'tsyringe';
import { V7Generator } from 'uuidv7';
import { Clock } from './time.js';
import type { Random } from './time.js';

/** Random words fetched from the operating system at once. */
const POOL_WORDS = 1024;

const DIGITS = Buffer.from('0123456789abcdef');
/** Where the digits of each byte of a UUID are in its text [RFC 9562 §4]. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const text = Buffer.alloc(36, '-');

/** A UUID's text in one piece: put together of its digits it is forty strings, one of which everything has that has an id. */
function textOf(bytes: Uint8Array): string {
  PLACES.forEach((at, i) => {
    const byte = bytes[i] ?? 0;
    text[at] = DIGITS[byte >>> 4] ?? 0;
    text[at + 1] = DIGITS[byte & 15] ?? 0;
  });
  return text.toString('latin1');
}

/** The operating system's randomness; UUIDv7 that rise even when the wall clock goes back by years [RFC 9562 §6.2]. */
@injectable()
export class SystemRandom implements Random {
  readonly #pool = new Uint32Array(POOL_WORDS);
  #next = POOL_WORDS;
  #latestMs = 0;
  readonly #uuids = new V7Generator({ nextUint32: () => this.#word() });

  constructor(@inject(Clock) private readonly clock: Clock) {}

  bytes(count: number): Buffer {
    return randomBytes(count);
  }

  uuid(): string {
    // The generator starts anew after a jump back of 10 s; it is never shown one.
    this.#latestMs = Math.max(this.#latestMs, Math.trunc(this.clock.now()));
    return textOf(this.#uuids.generateOrResetWithTs(this.#latestMs).bytes);
  }

  fraction(): number {
    return this.#word() / 2 ** 32;
  }

  #word(): number {
    if (this.#next === POOL_WORDS) {
      randomFillSync(this.#pool);
      this.#next = 0;
    }
    return this.#pool[this.#next++] ?? 0;
  }
}
