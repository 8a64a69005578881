import type { Principal } from '../permissions/principal.js';
import { token } from '../plugin/token.js';
import type { ToolApproval, ToolSetRule } from './tool-rules.js';
import type { JsonObject, ToolDefinition } from './tools.js';

/** What one grant gives for the arguments that it covers, and for no others. */
export interface CoveredArguments {
  /** JSON Schema that they meet. */
  readonly schema: JsonObject;
  readonly capabilities: ReadonlySet<string>;
}

/** What one principal may do with one tool. */
export interface ToolUse {
  readonly see: boolean;
  readonly call: boolean;
  /** What it was given of what tools may need, whatever the arguments; `all` leaves nothing out. */
  readonly capabilities: 'all' | ReadonlySet<string>;
  /** Whether any arguments will do; where not, they must meet one of {@link covered}. */
  readonly anyArguments: boolean;
  /** What is given for some arguments only. */
  readonly covered: readonly CoveredArguments[];
  /** JSON Schemas that the arguments must not meet. */
  readonly noneOf: readonly JsonObject[];
}

/** Who may do what with which tool. Default deny, forbid wins. */
export interface ToolAccess {
  /** Rises whenever an answer may have changed; whoever caches answers keys them by it. */
  readonly version: number;
  /** Whether the principal may use tools at all, now: credentials expire. */
  admits(principal: Principal): boolean;
  /** Remembered for as long as the tool is the same object. */
  of(principal: Principal, tool: { readonly definition: ToolDefinition; readonly provider: string }): ToolUse;
  /** Whether a whole provider was given, not single tools of it. */
  mayUse(principal: Principal, provider: string): boolean;
  /** A set of the configuration; `undefined` when there is none or the principal may not use it. */
  set(principal: Principal, name: string): ToolSetRule | undefined;
  /** Those that the principal may use, by name. */
  sets(principal: Principal): readonly (ToolSetRule & { readonly name: string })[];
  /** When somebody has to say yes to tools of a provider. */
  approval(provider: string): Omit<ToolApproval, 'providers'>;
  /** Called when {@link version} has risen, with the one principal whose answers may have changed, or nothing; answers how to stop listening. */
  onChanged(listener: (principalId?: string) => void): () => void;
}
/** Token of {@link ToolAccess}. */
export const ToolAccess = token<ToolAccess>('tool-access');
