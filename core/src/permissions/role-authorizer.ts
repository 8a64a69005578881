import { inject, injectable } from 'tsyringe';
import type { Permission } from '@ai-orchestrator/protocol';
import { Clock } from '../host/time.js';
import { AccessRules, checkRules, covers } from './access-rules.js';
import type { Forbid } from './access-rules.js';
import type { Authorizer, Decision } from './authorizer.js';
import type { Principal } from './principal.js';

/** Decisions remembered for one principal; past it they are worked out again. */
const DECISIONS_PER_PRINCIPAL = 512;

const EXPIRED: Decision = { allowed: false, reason: 'the credential has expired' };

/** What was decided about one principal. In two steps, because a text put together to look up one decision costs more than both. */
class Decisions {
  readonly #byPermission = new Map<Permission, Map<string | undefined, Decision>>();
  #size = 0;

  get(permission: Permission, resource: string | undefined): Decision | undefined {
    return this.#byPermission.get(permission)?.get(resource);
  }

  set(permission: Permission, resource: string | undefined, decision: Decision): void {
    if (this.#size >= DECISIONS_PER_PRINCIPAL) {
      this.#byPermission.clear();
      this.#size = 0;
    }
    let byResource = this.#byPermission.get(permission);
    if (byResource === undefined)
      this.#byPermission.set(permission, (byResource = new Map<string | undefined, Decision>()));
    byResource.set(resource, decision);
    this.#size++;
  }
}

/**
 * Decides by the roles that a principal's credential carries. What no role grants is denied; what a rule forbids is denied even to
 * an admin. Decisions are remembered as long as the principal lives and the rules stay.
 */
@injectable()
export class RoleAuthorizer implements Authorizer {
  #rules: AccessRules;
  #version = 1;
  #decisions = new WeakMap<Principal, Decisions>();
  readonly #listeners = new Set<() => void>();

  /** @throws Error naming the first rule that is none */
  constructor(
    @inject(AccessRules) rules: AccessRules,
    @inject(Clock) private readonly clock: Clock,
  ) {
    checkRules(rules);
    this.#rules = rules;
  }

  get version(): number {
    return this.#version;
  }

  /**
   * Puts other rules in force at once.
   *
   * @throws Error naming the first rule that is none; the old ones then stay
   */
  replace(rules: AccessRules): void {
    checkRules(rules);
    this.#rules = rules;
    this.#version++;
    this.#decisions = new WeakMap();
    for (const listener of this.#listeners) listener();
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  authorize(principal: Principal, permission: Permission, resource?: string): Decision {
    if (principal.expiresAt !== undefined && this.clock.now() >= principal.expiresAt) return EXPIRED;
    let decisions = this.#decisions.get(principal);
    if (decisions === undefined) {
      decisions = new Decisions();
      this.#decisions.set(principal, decisions);
    }
    const known = decisions.get(permission, resource);
    if (known !== undefined) return known;
    const decision = decide(this.#rules, principal, permission, resource);
    decisions.set(permission, resource, decision);
    return decision;
  }
}

function decide(rules: AccessRules, principal: Principal, permission: Permission, resource?: string): Decision {
  const forbidden = rules.forbids.findIndex((forbid) => forbids(forbid, principal, permission, resource));
  if (forbidden >= 0) return { allowed: false, reason: `forbidden by access.forbids[${forbidden}]` };
  for (const role of principal.roles) {
    // A role that the table does not have grants nothing.
    if (!Object.hasOwn(rules.grants, role)) continue;
    const pattern = rules.grants[role].find((granted) => covers(granted, permission));
    if (pattern !== undefined) return { allowed: true, reason: `role ${role} grants ${pattern}` };
  }
  return { allowed: false, reason: `no role of ${principal.id} grants ${permission}` };
}

function forbids(forbid: Forbid, principal: Principal, permission: Permission, resource?: string): boolean {
  return (
    covers(forbid.permission, permission) &&
    (forbid.role === undefined || principal.roles.includes(forbid.role)) &&
    (forbid.principal === undefined || matches(forbid.principal, principal.id, '*')) &&
    (forbid.resource === undefined || (resource !== undefined && matches(forbid.resource, resource, '/')))
  );
}

/** Equal, or the pattern ends with the mark and the value begins with the rest; a `/` belongs to the prefix, a `*` does not. */
function matches(pattern: string, value: string, mark: '*' | '/'): boolean {
  if (!pattern.endsWith(mark)) return pattern === value;
  return value.startsWith(mark === '*' ? pattern.slice(0, -1) : pattern);
}
