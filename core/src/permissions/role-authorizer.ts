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

/**
 * Decides by the roles that a principal's credential carries. What no role grants is denied; what a rule forbids is denied even to
 * an admin. Decisions are remembered as long as the principal lives and the rules stay.
 */
@injectable()
export class RoleAuthorizer implements Authorizer {
  #rules: AccessRules;
  #version = 1;
  #decisions = new WeakMap<Principal, Map<string, Decision>>();

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
  }

  authorize(principal: Principal, permission: Permission, resource?: string): Decision {
    if (principal.expiresAt !== undefined && this.clock.now() >= principal.expiresAt) return EXPIRED;
    let decisions = this.#decisions.get(principal);
    if (decisions === undefined) {
      decisions = new Map();
      this.#decisions.set(principal, decisions);
    }
    const key = resource === undefined ? permission : `${permission} ${resource}`;
    const known = decisions.get(key);
    if (known !== undefined) return known;
    const decision = decide(this.#rules, principal, permission, resource);
    if (decisions.size >= DECISIONS_PER_PRINCIPAL) decisions.clear();
    decisions.set(key, decision);
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
