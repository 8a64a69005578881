import { fitsAny } from '../glob.js';
import type { ToolAccess } from '../tool-access.js';
import type { VisibleTool } from '../tools.js';

/** Which calls wait for a human, and who that may be; may change while the daemon runs. */
export interface ApprovalPolicy {
  /** Whether calls of a tool wait. */
  asks(tool: VisibleTool): boolean;
  /** Whether who may approve calls of a tool may approve their own. */
  ownCalls(tool: VisibleTool): boolean;
}

/**
 * Asks for tools that say of themselves that they destroy something [MCP ToolAnnotations.destructiveHint], and for those that the rules
 * name; what says nothing is not taken for destructive.
 */
export function approvalByRules(access: Pick<ToolAccess, 'approval'>): ApprovalPolicy {
  return {
    asks({ definition: { name, annotations }, provider }) {
      const { destructive, tools } = access.approval(provider);
      return (annotations?.destructiveHint === true && destructive === 'ask') || fitsAny(tools, name);
    },
    ownCalls: ({ provider }) => access.approval(provider).ownCalls,
  };
}
