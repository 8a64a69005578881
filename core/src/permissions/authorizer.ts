import type { Permission } from '@ai-orchestrator/protocol';
import { token } from '../plugin/token.js';
import type { Principal } from './principal.js';

/** May this principal do this? */
export interface Decision {
  readonly allowed: boolean;
  /** Which rule said so; for the journal and for `doctor`, not for the caller. */
  readonly reason: string;
}

/** Decides; synchronous, because it stands on every call's way. Default deny, forbid wins. */
export interface Authorizer {
  /** Rises whenever a decision may have changed; whoever caches decisions keys them by it. */
  readonly version: number;
  /** @param resource for example `agent/echo`; without it, whether the permission is held at all */
  authorize(principal: Principal, permission: Permission, resource?: string): Decision;
  /** Called when {@link version} has risen, for whoever acts on a permission for longer than a call; answers how to stop listening. */
  onChanged(listener: () => void): () => void;
}
/** Token of {@link Authorizer}. */
export const Authorizer = token<Authorizer>('authorizer');
