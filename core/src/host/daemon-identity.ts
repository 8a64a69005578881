import { token } from '../plugin/token.js';

/** Which daemon this is. */
export interface DaemonIdentity {
  /** Semantic version of the daemon. */
  readonly version: string;
  /** Name of this node; in every journal record it writes. */
  readonly node: string;
}
/** Token of {@link DaemonIdentity}. */
export const DaemonIdentity = token<DaemonIdentity>('daemon-identity');
