import { hash } from 'node:crypto';
import type { Random } from '@ai-orchestrator/core/plugin';

/** What every key begins with, so that scanners for leaked secrets can know it. */
export const SECRET_PREFIX = 'orc_';

const SECRET_BYTES = 32;
const FORM = /^orc_[A-Za-z0-9_-]{43}$/;
/** Of 43 random characters fewer distinct ones do not happen: the chance is below 2^-60. */
const LEAST_DISTINCT = 14;

/** A new key: `orc_` and 256 random bits in base64url. */
export function newSecret(random: Random): string {
  return SECRET_PREFIX + random.bytes(SECRET_BYTES).toString('base64url');
}

/**
 * SHA-256 of a key, base64: all that is kept of it. A slow hash would add nothing to 256 random bits [OWASP Password Storage]. Looking
 * a key up by its hash tells a guesser nothing through time, because nobody can steer the hash of a guess towards a kept one.
 */
export function hashOf(secret: string): string {
  return hash('sha256', secret, 'base64');
}

/** Why a key that was brought from outside cannot be used, or `undefined`: it must look like 256 random bits. */
export function weakness(secret: string): string | undefined {
  if (secret === '') return 'it is empty';
  if (!FORM.test(secret)) return 'it is not "orc_" followed by 43 characters of base64url';
  if (new Set(secret.slice(SECRET_PREFIX.length)).size < LEAST_DISTINCT) return 'it is not random';
  return undefined;
}
