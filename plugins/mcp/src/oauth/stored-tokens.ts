import type { Clock } from '@ai-orchestrator/core/plugin';
import type { GrantedTokens } from './token-endpoint.js';

/** A token is fetched anew this long before it ends. */
const AHEAD_MS = 30_000;

/** What they are called in the vault. */
export const TOKENS = 'tokens';

/** Tokens for one server, as they are sealed. */
export interface StoredTokens {
  /** URL of the server; tokens are never sent to another, whatever its name. */
  readonly server: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly resource: string;
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Wall-clock milliseconds. */
  readonly expiresAt?: number;
  /** Asked for, all in all; what an authorization server grants can be less. */
  readonly scopes: readonly string[];
}

/** Tokens as they are kept, from what was granted; a refresh token that was not replaced stays [RFC 6749 §6]. */
export function storedTokens(
  granted: GrantedTokens,
  about: Omit<StoredTokens, 'accessToken' | 'refreshToken' | 'expiresAt'>,
  earlier: StoredTokens | undefined,
  clock: Clock,
): StoredTokens {
  const refreshToken = granted.refreshToken ?? earlier?.refreshToken;
  return {
    ...about,
    accessToken: granted.accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(granted.expiresIn !== undefined && { expiresAt: clock.now() + granted.expiresIn * 1_000 }),
  };
}

/** Whether the access token can be sent, and for a while yet. */
export function isFresh({ expiresAt }: StoredTokens, clock: Clock): boolean {
  return expiresAt === undefined || expiresAt - AHEAD_MS > clock.now();
}
