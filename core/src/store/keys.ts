import { OrchestratorError } from '@ai-orchestrator/protocol';
import { JOURNAL_PREFIX } from './store.js';

const MAX_KEY_BYTES = 1024;
/** So few keys are compared with each other sooner than a set of them is made. */
const FEW_KEYS = 16;
/** Looked for at once, because a key nearly never has one of them. */
const FORBIDDEN = /[\0\p{Surrogate}]/u;

/** Checks a key that a commit names. @throws OrchestratorError `invalid_params` */
export function checkKey(key: string): void {
  if (key === '') throw badKey(key, 'is empty');
  if (key.length > MAX_KEY_BYTES / 3 && Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw badKey(key, `is longer than ${MAX_KEY_BYTES} bytes`);
  }
  if (key.startsWith('!')) throw badKey(key, 'begins with "!", which is the store\'s own');
  if (!FORBIDDEN.test(key)) return;
  throw badKey(key, key.includes('\0') ? 'contains U+0000' : 'contains a lone surrogate');
}

/** Checks the keys that one commit puts and deletes: writable, and each written once. @throws OrchestratorError `invalid_params` */
export function checkWrittenKeys(keys: readonly string[]): void {
  const seen = keys.length > FEW_KEYS ? new Set<string>() : undefined;
  for (const [i, key] of keys.entries()) {
    checkKey(key);
    if (key.startsWith(JOURNAL_PREFIX)) throw badKey(key, 'is a journal record, which only events write');
    if (seen?.has(key) ?? keys.indexOf(key) !== i) throw badKey(key, 'is written twice in one commit');
    seen?.add(key);
  }
}

/**
 * Byte order of UTF-8, which is LevelDB's and not that of JavaScript's strings above U+FFFF.
 *
 * @param same how many characters both begin with, as far as that is known
 */
export function compareKeys(a: string, b: string, same = 0): number {
  const common = Math.min(a.length, b.length);
  for (let i = same; i < common; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** A surrogate stands for a character past U+FFFF, so it comes after every other code unit. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

function badKey(key: string, why: string): OrchestratorError {
  return new OrchestratorError('invalid_params', `the key ${JSON.stringify(key.slice(0, 80))} ${why}`, {
    key: key.slice(0, 80),
  });
}
