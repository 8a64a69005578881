import { DEFAULT_ACCESS_RULES, type Forbid } from '@ai-orchestrator/core';
import { ROLES, type Permission, type Role } from '@ai-orchestrator/protocol';
import { list, objects, type Leaf, type Misfit } from './leaf.js';
import { unknownKey } from './unknown-key.js';

const PERMISSION = /^(?:\*:\*|[a-zA-Z][a-zA-Z0-9-]*:(?:\*|[a-zA-Z][a-zA-Z0-9-]*))$/;
const MEMBERS = ['principal', 'role', 'permission', 'resource'] as const;
const MAX_RULES = 1_000;

// Its pattern is that of a permission.
const grants = (role: Role) =>
  list({
    doc: `What the role ${role} grants: noun:verb, noun:* or *:*.`,
    default: DEFAULT_ACCESS_RULES.grants[role],
    maxItems: MAX_RULES,
    pattern: PERMISSION,
    expected: `a list of at most ${String(MAX_RULES)} permissions: noun:verb, noun:* or *:*`,
    reload: 'live',
  }) as Leaf<readonly Permission[]>;

/** Who may do what; applied on SIGHUP, also to who is connected. */
export const access = {
  grants: {
    admin: grants('admin'),
    operator: grants('operator'),
    agent: grants('agent'),
    observer: grants('observer'),
  },
  forbids: objects<Forbid>({
    doc: 'Taken away whatever roles grant: permission, and of whom (principal, a prefix ends with *; role) and where (resource, a prefix ends with /).',
    default: [],
    maxItems: MAX_RULES,
    schema: {
      type: 'object',
      required: ['permission'],
      additionalProperties: false,
      properties: {
        principal: { type: 'string', minLength: 1, maxLength: 256 },
        role: { enum: ROLES },
        permission: { type: 'string', pattern: PERMISSION.source },
        resource: { type: 'string', minLength: 1, maxLength: 1024 },
      },
    },
    check: forbid,
    reload: 'live',
  }),
} as const;

function forbid(rule: object): Misfit | undefined {
  const stranger = Object.keys(rule).find((name) => !MEMBERS.some((member) => member === name));
  if (stranger !== undefined) return { at: [stranger], text: unknownKey(stranger, MEMBERS, []) };
  const { principal, role, permission, resource } = rule as Readonly<Record<string, unknown>>;
  if (typeof permission !== 'string' || !PERMISSION.test(permission)) {
    return { at: ['permission'], text: 'expected a permission: noun:verb, noun:* or *:*' };
  }
  if (role !== undefined && !ROLES.some((known) => known === role)) {
    return { at: ['role'], text: `expected one of ${ROLES.join(', ')}` };
  }
  if (principal !== undefined && !isName(principal, 256)) {
    return { at: ['principal'], text: 'expected text of 1 to 256 characters' };
  }
  if (resource !== undefined && !isName(resource, 1024)) {
    return { at: ['resource'], text: 'expected text of 1 to 1024 characters' };
  }
  return undefined;
}

function isName(value: unknown, longest: number): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= longest;
}
