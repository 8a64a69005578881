import type { ToolResult } from '@ai-orchestrator/protocol/client';
import type { Output } from './output.js';

/** The result of a tool for people: its texts as they are, the rest as JSON. */
export function resultText({ content, structuredContent }: ToolResult, output: Output): string {
  if (content.length === 0) return structuredContent === undefined ? '' : output.jsonText(structuredContent);
  return content.map((block) => textOf(block) ?? output.jsonText(block)).join('\n');
}

function textOf(block: unknown): string | undefined {
  const { type, text } = (block ?? {}) as { readonly type?: unknown; readonly text?: unknown };
  return type === 'text' && typeof text === 'string' ? text : undefined;
}
