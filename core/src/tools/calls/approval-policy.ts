import type { ToolAccess } from '../tool-access.js';
import type { VisibleTool } from '../tools.js';

/** Which calls wait for a human, and who that may be; may change while the daemon runs. */
export interface ApprovalPolicy {
  /** Whether calls of a tool wait. */
  asks(tool: VisibleTool): boolean;
  /** Whether who may approve may approve calls of their own. */
  readonly ownCalls: boolean;
}

/**
 * Tools that say of themselves that they destroy something [MCP ToolAnnotations.destructiveHint], of providers for which that is to be asked;
 * what does not say so is not taken for destructive.
 */
export function destructiveAsk(access: Pick<ToolAccess, 'approval'>): ApprovalPolicy {
  return {
    asks: ({ definition, provider }) =>
      definition.annotations?.destructiveHint === true && access.approval(provider).destructive === 'ask',
    ownCalls: false,
  };
}
