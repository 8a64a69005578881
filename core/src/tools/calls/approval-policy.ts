import type { VisibleTool } from '../tools.js';

/** Which calls wait for a human, and who that may be; may change while the daemon runs. */
export interface ApprovalPolicy {
  /** Whether calls of a tool wait. */
  asks(tool: VisibleTool): boolean;
  /** Whether who may approve may approve calls of their own. */
  readonly ownCalls: boolean;
}

/** Tools that say of themselves that they destroy something [MCP ToolAnnotations.destructiveHint]; no more than what they say is known. */
export const ASK_FOR_DESTRUCTIVE: ApprovalPolicy = {
  asks: ({ definition }) => definition.annotations?.destructiveHint === true,
  ownCalls: false,
};
