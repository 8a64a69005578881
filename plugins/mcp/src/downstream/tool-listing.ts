import type { ToolDefinition, VisibleTool } from '@ai-orchestrator/core/plugin';
import { SKILLS } from '../tasks/modern-tasks.js';
import type { Era } from '../upstream/upstream.js';
import { pageOf, type Page } from './page.js';

const texts: Readonly<Record<Era, WeakMap<ToolDefinition, string>>> = { legacy: new WeakMap(), modern: new WeakMap() };
const pages: Readonly<Record<Era, WeakMap<readonly VisibleTool[], Map<unknown, Page>>>> = {
  legacy: new WeakMap(),
  modern: new WeakMap(),
};

/**
 * One page of tools as JSON text. A definition is written once, however many may see it, and a page once for as long as what its caller
 * may see stays the same array.
 *
 * @throws RpcError -32602 for a cursor that leads nowhere
 */
export function toolPage(tools: readonly VisibleTool[], era: Era, size: number, cursor: unknown): Page {
  let known = pages[era].get(tools);
  if (known === undefined) pages[era].set(tools, (known = new Map<unknown, Page>()));
  const kept = known.get(cursor);
  if (kept !== undefined) return kept;
  const page = pageOf(
    tools,
    ({ definition }) => definition.name,
    ({ definition, provider }) => toolText(definition, era, provider),
    size,
    cursor,
  );
  // Only cursors of ours get here, so that there are at most as many as pages.
  known.set(cursor, page);
  return page;
}

/** A tool as `tools/list` shows it. */
export function toolText(definition: ToolDefinition, era: Era, provider?: string): string {
  let text = texts[era].get(definition);
  if (text === undefined) {
    // Calls of skills can become tasks, which clients of the legacy era are told of each tool.
    const execution = era === 'legacy' && provider === SKILLS ? { execution: { taskSupport: 'optional' } } : undefined;
    texts[era].set(definition, (text = JSON.stringify({ ...listed(definition, era), ...execution })));
  }
  return text;
}

/** Until 2025-11-25 an output schema is that of an object; clients of then refuse a whole listing with another in it. */
function listed({ name, title, description, inputSchema, outputSchema, annotations, meta }: ToolDefinition, era: Era) {
  const output = era === 'modern' || outputSchema?.type === 'object' ? outputSchema : undefined;
  return { ...meta, name, title, description, inputSchema, outputSchema: output, annotations };
}
