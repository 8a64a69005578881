import type { Principal } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Role } from '@ai-orchestrator/protocol';

/**
 * Nobody makes, renews or ends a key that can do more than they can themselves; an admin can do everything.
 *
 * @throws OrchestratorError `permission_denied` naming a role that the caller does not have
 */
export function mustHold(caller: Principal, roles: readonly Role[]): void {
  if (caller.roles.includes('admin')) return;
  const role = roles.find((wanted) => !caller.roles.includes(wanted));
  if (role === undefined) return;
  throw new OrchestratorError('permission_denied', `only who has the role ${role} may handle keys that have it`, {
    permission: 'key:admin',
  });
}

/**
 * Nobody but an admin makes a key that stands for somebody else.
 *
 * @param taken whether somebody has a key that stands for the principal
 * @throws OrchestratorError `permission_denied`
 */
export function mayStandFor(caller: Principal, principal: string, taken: boolean): void {
  if (!taken || caller.id === principal || caller.roles.includes('admin')) return;
  throw new OrchestratorError('permission_denied', `${principal} is somebody else; choose a principal that is new`, {
    permission: 'key:admin',
  });
}
