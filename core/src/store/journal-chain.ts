import { hash as digest } from 'node:crypto';
import { GENESIS } from './record.js';

/** What is wrong with a journal, and at which record first. */
export interface ChainFault {
  readonly sequence: number;
  readonly problem: 'unreadable' | 'hash_mismatch' | 'gap' | 'broken_link' | 'short';
  readonly detail: string;
}

const HASH_MEMBER = /,"hash":"([0-9a-f]{64})"\}$/;

/** Checks a journal record by record; each is the exact JSON text that was hashed. */
export class JournalChain {
  #head: { readonly sequence: number; readonly hash: string } | undefined;
  #records = 0;

  /** The last record taken. */
  get head(): { readonly sequence: number; readonly hash: string } {
    return this.#head ?? { sequence: 0, hash: GENESIS };
  }

  /** Records taken so far, good or bad. */
  get records(): number {
    return this.#records;
  }

  /**
   * Takes the next record. The chain goes on with it whatever is wrong, so that one fault is told once.
   *
   * @param partial whether the first record may be another than number 1, as in an export of a part
   */
  next(text: string, partial = false): ChainFault | undefined {
    this.#records++;
    const before = this.head;
    const expected = before.sequence + 1;
    const hash = HASH_MEMBER.exec(text)?.[1];
    const record = parse(text);
    if (hash === undefined || record === undefined) {
      this.#head = { sequence: expected, hash: hash ?? '' };
      return { sequence: expected, problem: 'unreadable', detail: 'it is not a journal record' };
    }
    const first = this.#head === undefined && partial;
    this.#head = { sequence: record.sequence, hash };
    if (record.sequence !== expected && !first) {
      const detail = `record ${record.sequence} follows record ${before.sequence}`;
      return { sequence: expected, problem: 'gap', detail };
    }
    const body = `${text.slice(0, text.lastIndexOf(',"hash":"'))}}`;
    if (digest('sha256', body, 'hex') !== hash) {
      return { sequence: record.sequence, problem: 'hash_mismatch', detail: 'its content does not match its hash' };
    }
    if (record.previous !== before.hash && !first) {
      const detail = `it names ${record.previous} as the hash before it, which is ${before.hash}`;
      return { sequence: record.sequence, problem: 'broken_link', detail };
    }
    return undefined;
  }
}

function parse(text: string): { readonly sequence: number; readonly previous: string } | undefined {
  let record: unknown;
  try {
    record = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof record !== 'object' || record === null || !('sequence' in record) || !('previous' in record))
    return undefined;
  const { sequence, previous } = record;
  return typeof sequence === 'number' && typeof previous === 'string' ? { sequence, previous } : undefined;
}
