import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import { CommandFailure } from './command-failure.js';
import { printable } from './printable.js';
import { durationText } from './time-text.js';

type McpStatus = ResultOf<Methods['mcp.status']>['servers'][number];

/** Why an MCP server is not ready, as far as the daemon knows, and where to look. @param waitedMs how long it was waited for */
export function serverNotReady(status: McpStatus, waitedMs: number): CommandFailure {
  const { name, state, reason, garbageLines, transport } = status;
  const why = [
    ...(reason === undefined ? [] : [printable(reason)]),
    ...(reason === undefined && state === 'connecting' ? [`it has not answered within ${durationText(waitedMs)}`] : []),
    ...(garbageLines === 0 ? [] : [`it printed ${linesText(garbageLines)} to stdout, where only MCP may be`]),
  ];
  const next = [
    ...(transport === 'stdio' ? [`"orchestrator mcp logs ${name}" has what it wrote`] : []),
    ...(state === 'failed' ? [] : [`"orchestrator mcp status ${name}" says how it fares`]),
    `"orchestrator mcp remove ${name}" takes it away again`,
  ];
  return new CommandFailure(
    'unavailable',
    [`The server is not ready (${state})`, why.join('; ')].filter(Boolean).join(': '),
    `${next.join('; ')}.`,
  );
}

function linesText(count: number): string {
  return count === 1 ? 'a line' : `${String(count)} lines`;
}
