import type { ToolDefinition } from '@ai-orchestrator/core/plugin';
import { isObject, type JsonObject } from './json.js';

const KNOWN = new Set(['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations']);

/** What the configuration adds to the tools of a server. */
export interface ToolTerms {
  readonly prefix: string;
  readonly capabilities: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly callTimeoutMs: number;
}

/**
 * A server's tool as the registry has it. The version is always the same: a server's own says nothing that can be trusted, so any change
 * of a definition is a change of that version, and waits for approval.
 */
export function toolDefinition(tool: JsonObject, terms: ToolTerms): ToolDefinition {
  const { name, title, description, inputSchema, outputSchema, annotations } = tool;
  const rest = Object.entries(tool).filter(([member]) => !KNOWN.has(member));
  return {
    name: `${terms.prefix}${name as string}`,
    version: '1.0.0',
    ...(typeof title === 'string' ? { title } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    inputSchema: isObject(inputSchema) ? inputSchema : { type: 'object' },
    ...(isObject(outputSchema) ? { outputSchema } : {}),
    ...(isObject(annotations) ? { annotations } : {}),
    ...(rest.length === 0 ? {} : { meta: Object.fromEntries(rest) }),
    ...(terms.capabilities.length === 0 ? {} : { capabilities: terms.capabilities }),
    ...(Object.keys(terms.labels).length === 0 ? {} : { labels: terms.labels }),
    limits: { timeoutMs: terms.callTimeoutMs },
  };
}
