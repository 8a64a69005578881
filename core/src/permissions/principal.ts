import type { Role } from '@ai-orchestrator/protocol';

/** Who is calling; comes from the credential's record, never from a request. */
export interface Principal {
  readonly id: string;
  readonly kind: 'user' | 'agent' | 'service' | 'peer';
  readonly roles: readonly Role[];
  /** The credential it came by; revoking that ends its sessions. */
  readonly credentialId: string;
  /** Wall-clock milliseconds after which the credential is not valid. */
  readonly expiresAt?: number;
}

/** The daemon acting on its own account; no credential leads to it. */
export const DAEMON: Principal = { id: 'daemon', kind: 'service', roles: ['admin'], credentialId: 'daemon' };
