import type { ResultOf, keyMethods } from '@ai-orchestrator/protocol';
import type { Context } from './context.js';
import { relativeTime } from './time-text.js';

/** An API key without its secret. */
export type KeyRecord = ResultOf<typeof keyMethods.keyList>['entries'][number];

/** A key and its new secret. */
export function secretText(key: KeyRecord, secret: string, { output, now }: Context): string {
  return output.pairs([
    ['secret', output.style.bold(secret)],
    ['key', key.keyId],
    ['name', key.name],
    ['principal', `${key.principal} (${key.kind})`],
    ['roles', key.roles.join(', ')],
    ['expires', key.expiresAt === undefined ? 'never' : relativeTime(key.expiresAt, now())],
  ]);
}

/** What a key is good for now. */
export function keyState(key: KeyRecord, now: number): 'active' | 'expired' | 'revoked' {
  if (key.revokedAt !== undefined) return 'revoked';
  return key.expiresAt !== undefined && Date.parse(key.expiresAt) <= now ? 'expired' : 'active';
}
