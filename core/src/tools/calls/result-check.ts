import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Issue } from '@ai-orchestrator/protocol';
import type { ToolResult, VisibleTool } from '../tools.js';
import type { PreparedTool } from './prepared-tools.js';

/**
 * A tool with an output schema answers what conforms to it, unless it says that it failed [MCP 2025-11-25, Tools: Output Schema].
 *
 * @throws OrchestratorError `tool_result_invalid` with the path of what is wrong
 */
export function checkResult({ definition, provider }: VisibleTool, { output }: PreparedTool, result: ToolResult): void {
  if (definition.outputSchema === undefined || result.isError === true) return;
  const { structuredContent } = result;
  const issues: readonly Issue[] | undefined =
    structuredContent === undefined ? [{ path: '', message: 'is required' }] : output?.(structuredContent);
  if (issues === undefined) return;
  const placed = issues.map(({ path, message }) => ({ path: `/structuredContent${path}`, message }));
  const detail = placed.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new OrchestratorError('tool_result_invalid', `${detail} (${definition.name} of ${provider})`, {
    issues: placed,
    resource: `tool/${definition.name}`,
    provider,
  });
}

/** @throws OrchestratorError `invalid_params` with the path of what is wrong */
export function checkArguments({ definition }: VisibleTool, { input }: PreparedTool, args: unknown): void {
  const issues = input?.(args);
  if (issues === undefined) return;
  const placed = issues.map(({ path, message }) => ({ path: `/arguments${path}`, message }));
  const detail = placed.map(({ path, message }) => `${path} ${message}`).join('; ');
  throw new OrchestratorError('invalid_params', `${detail} (input of ${definition.name} ${definition.version})`, {
    issues: placed,
    resource: `tool/${definition.name}`,
    hint: 'data.issues names what is wrong; tool.get has the input schema.',
  });
}
