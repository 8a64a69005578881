import { token } from '../plugin/token.js';
import type { Principal } from './principal.js';

/** One way of telling who a bearer token belongs to. */
export interface AuthenticationScheme {
  /** For the log and the status. */
  readonly name: string;
  /**
   * Whether it answers from memory within microseconds, so that refusing to ask would save nothing: its answers are not cached, and
   * a right token is accepted even from an address that is banned for wrong ones. No unless said.
   */
  readonly answersFromMemory?: boolean;
  /** Whether a token is of this scheme's form, so that others need not look at it; cheap. */
  recognises(token: string): boolean;
  /**
   * Whose token it is; `undefined` if it is nobody's, expired, revoked, or not for this resource. A promise only where there is something
   * to wait for: this is asked of every request.
   *
   * @param resource path of the HTTP resource that it was sent to; `undefined` for a JSON-RPC session
   */
  authenticate(token: string, resource?: string): Promise<Principal | undefined> | Principal | undefined;
}

/** Where schemes register and listeners ask. */
export interface Authentication {
  /** Answers how to take the scheme away again. */
  addScheme(scheme: AuthenticationScheme): () => void;
  /**
   * Whose token it is; `undefined` if nobody's, or not for this resource. To be awaited: a promise only where its scheme answers with one.
   *
   * @param resource path of the HTTP resource that it was sent to
   * @throws OrchestratorError `rate_limited` with `retryAfterMs` after too many failures from the address, or when too many tokens
   *   are being looked at; also as rejection
   */
  authenticate(
    token: string,
    remoteAddress: string,
    resource?: string,
  ): Promise<Principal | undefined> | Principal | undefined;
  /** A credential is no longer valid: every live session that came by it is closed within 5 s. An id is never valid again. */
  revoke(credentialId: string): void;
  /** A credential is over by the wall clock: as revoked, but should the clock be set back, it is what its scheme says it is. */
  expire(credentialId: string): void;
  /** Called with each revoked or expired credential id, at least once; answers how to stop listening. */
  onRevoked(listener: (credentialId: string) => void): () => void;
}
/** Token of {@link Authentication}. */
export const Authentication = token<Authentication>('authentication');
