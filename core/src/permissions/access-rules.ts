import type { Permission, Role } from '@ai-orchestrator/protocol';
import { token } from '../plugin/token.js';

/** Takes something away from somebody, whatever their roles grant. Members that are not said match everything. */
export interface Forbid {
  /** A principal id, or a prefix of it that ends with `*`. */
  readonly principal?: string;
  readonly role?: Role;
  /** `noun:verb`, `noun:*` or `*:*`. */
  readonly permission: Permission;
  /** A resource such as `agent/echo`, or a prefix that ends with `/`. */
  readonly resource?: string;
}

/** Who may do what, as data. */
export interface AccessRules {
  /** What each role grants: `noun:verb`, `noun:*` or `*:*`. */
  readonly grants: Readonly<Record<Role, readonly Permission[]>>;
  readonly forbids: readonly Forbid[];
}
/** Token of {@link AccessRules}. */
export const AccessRules = token<AccessRules>('access-rules');

/** {@link AccessRules} unless configured. */
export const DEFAULT_ACCESS_RULES: AccessRules = {
  grants: {
    admin: ['*:*'],
    operator: [
      'session:read',
      'daemon:read',
      'metrics:read',
      'agent:read',
      'agent:admin',
      'agent:register',
      'message:request',
      'message:answer',
      'message:send',
      'message:admin',
      'context:read',
      'context:use',
      'context:admin',
      'task:submit',
      'task:read',
      'task:work',
      'task:admin',
      'state:*',
      'journal:read',
      'timeline:read',
      'program:*',
      'tool:*',
      'mcp:use',
      'mcp:read',
    ],
    agent: [
      'session:read',
      'agent:register',
      'agent:read',
      'message:request',
      'message:answer',
      'message:send',
      'context:read',
      'context:use',
      'task:submit',
      'task:read',
      'task:work',
      'state:read',
      'state:write',
      'timeline:read',
      'tool:read',
      'tool:call',
      'tool:register',
      'mcp:use',
    ],
    observer: [
      'session:read',
      'daemon:read',
      'metrics:read',
      'agent:read',
      'context:read',
      'state:read',
      'journal:read',
      'timeline:read',
      'program:read',
      'tool:read',
      'mcp:read',
    ],
  },
  forbids: [],
};

const PATTERN = /^(?:\*:\*|[a-zA-Z][a-zA-Z0-9-]*:(?:\*|[a-zA-Z][a-zA-Z0-9-]*))$/;

/**
 * Whether a pattern covers a permission.
 *
 * @param pattern `noun:verb`, `noun:*` or `*:*`
 */
export function covers(pattern: Permission, permission: Permission): boolean {
  return (
    pattern === permission ||
    pattern === '*:*' ||
    (pattern.endsWith(':*') && permission.startsWith(pattern.slice(0, -1)))
  );
}

/** @throws Error naming the first rule that is none */
export function checkRules(rules: AccessRules): void {
  const patterns = [
    ...Object.entries(rules.grants).flatMap(([role, granted]) => granted.map((p) => [`role ${role}`, p] as const)),
    ...rules.forbids.map((forbid, i) => [`forbids[${i}]`, forbid.permission] as const),
  ];
  const bad = patterns.find(([, pattern]) => !PATTERN.test(pattern));
  if (bad) throw new Error(`${bad[0]}: "${bad[1]}" is no permission; write noun:verb, noun:* or *:*`);
}
