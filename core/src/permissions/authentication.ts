import { token } from '../plugin/token.js';
import type { Principal } from './principal.js';

/** One way of telling who a bearer token belongs to. */
export interface AuthenticationScheme {
  /** For the log and the status. */
  readonly name: string;
  /** Whether a token is of this scheme's form, so that others need not look at it; cheap. */
  recognises(token: string): boolean;
  /** Whose token it is; `undefined` if it is nobody's, expired or revoked. */
  authenticate(token: string): Promise<Principal | undefined>;
}

/** Where schemes register and listeners ask. */
export interface Authentication {
  /** Answers how to take the scheme away again. */
  addScheme(scheme: AuthenticationScheme): () => void;
  /** Whose token it is; `undefined` if nobody's. Failures are limited by remote address and then throw `rate_limited`. */
  authenticate(token: string, remoteAddress: string): Promise<Principal | undefined>;
  /** A credential is no longer valid: every live session that came by it is closed within 5 s. */
  revoke(credentialId: string): void;
  /** Called with each revoked credential id; answers how to stop listening. */
  onRevoked(listener: (credentialId: string) => void): () => void;
}
/** Token of {@link Authentication}. */
export const Authentication = token<Authentication>('authentication');
