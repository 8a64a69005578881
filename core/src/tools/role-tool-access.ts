import { inject, injectable } from 'tsyringe';
import { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { ToolAccess, ToolUse } from './tool-access.js';
import type { ToolDefinition } from './tools.js';

const NOTHING: ToolUse = { see: false, call: false, capabilities: new Set(), anyOf: undefined, noneOf: [] };
const ALL: ReadonlySet<string> = new Set(['admin', 'operator']);

/** Admins and operators may use every tool that no rule forbids them; others none. */
@injectable()
export class RoleToolAccess implements ToolAccess {
  constructor(@inject(Authorizer) private readonly authorizer: Authorizer) {}

  of(principal: Principal, { definition }: { readonly definition: ToolDefinition }): ToolUse {
    if (!principal.roles.some((role) => ALL.has(role))) return NOTHING;
    const resource = `tool/${definition.name}`;
    const see = this.authorizer.authorize(principal, 'tool:read', resource).allowed;
    const call = see && this.authorizer.authorize(principal, 'tool:call', resource).allowed;
    return { see, call, capabilities: 'all', anyOf: undefined, noneOf: [] };
  }

  mayUse(principal: Principal, provider: string): boolean {
    if (!principal.roles.some((role) => ALL.has(role))) return false;
    return this.authorizer.authorize(principal, 'tool:call', `provider/${provider}`).allowed;
  }
}
