import type { ToolResult } from '@ai-orchestrator/core/plugin';
import { isObject, type JsonValue } from '../upstream/json.js';

/** What an agent answered, as the result of a tool: its text, and an object besides as it is. */
export function skillResult(answer: JsonValue, text = JSON.stringify(answer)): ToolResult {
  const shown = typeof answer === 'string' ? answer : text;
  return { content: [{ type: 'text', text: shown }], ...(isObject(answer) && { structuredContent: answer }) };
}
