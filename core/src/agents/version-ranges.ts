import type { Range } from 'semver';
import { late } from '../host/late.js';

const KEPT = 256;

/** Parsed version ranges, the least recently parsed forgotten first. */
export class VersionRanges {
  readonly #ranges = new Map<string, Range>();

  /** Whether a semantic version is within a range as npm writes it. */
  satisfies(version: string, range: string): boolean {
    let parsed = this.#ranges.get(range);
    if (parsed === undefined) {
      parsed = new (late.semver().Range)(range);
      const oldest = this.#ranges.keys().next();
      if (this.#ranges.size >= KEPT && oldest.done !== true) this.#ranges.delete(oldest.value);
      this.#ranges.set(range, parsed);
    }
    return parsed.test(version);
  }
}
