import type { ParamsOf, ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import type { ToolWork } from './tool-work.js';

type Definition = ParamsOf<Methods['tool.register']>['tools'][number];
type Result = ResultOf<Methods['tool.invoke']>;

/** A tool that an agent provides: what is said of it, and who does it. */
export interface AgentTool extends Omit<Definition, 'name' | 'version' | 'inputSchema'> {
  /** That of the agent's card unless said. */
  readonly version?: string;
  /** Any object unless said. */
  readonly inputSchema?: Record<string, unknown>;
  /**
   * Declared as a method, so that its arguments can have the type that the schema promises: the daemon lets nothing else through.
   *
   * @param args what it was called with
   * @param work whose call it is, and what can be done meanwhile
   * @returns a result with `content`, or a value that becomes one; what it throws fails the call, and is told only if it is an
   *   OrchestratorError
   */
  handler(args: unknown, work: ToolWork): unknown;
}

/** Tools by their names. */
export type AgentTools = Readonly<Record<string, AgentTool>>;

/** What became of the tools that an agent offered. */
export type OfferedTools = ResultOf<Methods['tool.register']>;

/** The tools as they are registered. */
export function definitionsOf(tools: AgentTools, version: string): Definition[] {
  return Object.entries(tools).map(([name, tool]) => {
    const said = Object.fromEntries(Object.entries(tool).filter(([member]) => member !== 'handler'));
    return { version, inputSchema: { type: 'object' }, ...said, name };
  });
}

/** What a handler answered, as a result: a text as such, any other value as structured content and its text [MCP 2025-11-25, Tools: Structured Content]. */
export function resultOf(answer: unknown): Result {
  if (isResult(answer)) return answer;
  if (answer === undefined) return { content: [] };
  if (typeof answer === 'string') return { content: [{ type: 'text', text: answer }] };
  const content = [{ type: 'text', text: JSON.stringify(answer) }];
  return answer !== null && typeof answer === 'object' && !Array.isArray(answer)
    ? { content, structuredContent: answer }
    : { content };
}

function isResult(answer: unknown): answer is Result {
  return answer !== null && typeof answer === 'object' && 'content' in answer && Array.isArray(answer.content);
}
