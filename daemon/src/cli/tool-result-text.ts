import type { ToolResult } from '@ai-orchestrator/protocol/client';
import type { Output } from './output.js';
import { printable } from './printable.js';
import { bytesText } from './time-text.js';

/** The result of a tool for people: its texts as they are, of images and sound how much there is of what, the rest as JSON. */
export function resultText({ content, structuredContent }: ToolResult, output: Output): string {
  if (content.length === 0) return structuredContent === undefined ? '' : output.jsonText(structuredContent);
  return content.map((block) => textOf(block) ?? output.jsonText(block)).join('\n');
}

function textOf(block: unknown): string | undefined {
  const { type, text, data, mimeType } = (block ?? {}) as Readonly<Record<string, unknown>>;
  if (type === 'text' && typeof text === 'string') return text;
  if ((type !== 'image' && type !== 'audio') || typeof data !== 'string') return undefined;
  const bytes = Buffer.byteLength(data, 'base64');
  return `[${type}: ${printable(String(mimeType))}, ${bytesText(bytes)}; --json prints it]`;
}
