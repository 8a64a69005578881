import { token } from '../plugin/token.js';
import type { Principal } from '../permissions/principal.js';
import type { JsonObject, ToolDefinition } from './tools.js';

/** What one principal may do with one tool. */
export interface ToolUse {
  readonly see: boolean;
  readonly call: boolean;
  /** What it was given of what tools may need; `all` leaves nothing out. */
  readonly capabilities: 'all' | ReadonlySet<string>;
  /** JSON Schemas of which the arguments must meet one; `undefined`: any arguments will do. */
  readonly anyOf: readonly JsonObject[] | undefined;
  /** JSON Schemas that the arguments must not meet. */
  readonly noneOf: readonly JsonObject[];
}

/** Who may do what with which tool. Default deny, forbid wins. */
export interface ToolAccess {
  of(principal: Principal, tool: { readonly definition: ToolDefinition; readonly provider: string }): ToolUse;
  /** Whether a whole provider was given, not single tools of it. */
  mayUse(principal: Principal, provider: string): boolean;
}
/** Token of {@link ToolAccess}. */
export const ToolAccess = token<ToolAccess>('tool-access');
