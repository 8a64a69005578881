import type { Role } from '@ai-orchestrator/protocol';
import { token } from '../plugin/token.js';
import type { Principal } from './principal.js';

/** Whom an issued key stands for. */
export interface KeyHolder {
  readonly id: string;
  readonly kind: Principal['kind'];
  readonly roles: readonly Role[];
}

/** A key that was issued; the secret is here and nowhere else. */
export interface IssuedKey {
  /** To be handed to its holder, in its environment for example; never to be logged. */
  readonly secret: string;
  readonly credentialId: string;
  /** Ends it and the sessions that came by it, at once; resolves when that is recorded, rejects when it cannot be. Twice is harmless. */
  revoke(): Promise<void>;
}

/** Makes keys for the programs that the daemon runs: kept in memory only, gone with the daemon; each issue and revocation is recorded. */
export interface KeyIssuer {
  /** @throws OrchestratorError `limit_exceeded` past the bound of issued keys, or why it cannot be recorded */
  issue(holder: KeyHolder): Promise<IssuedKey>;
}
/** Token of {@link KeyIssuer}. */
export const KeyIssuer = token<KeyIssuer>('key-issuer');
