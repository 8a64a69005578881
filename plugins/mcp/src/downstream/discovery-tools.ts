import type { ToolDefinition, Tools, VisibleTool } from '@ai-orchestrator/core/plugin';
import type { JsonObject } from '../upstream/json.js';
import type { Outcome, View } from './operation.js';
import { toolText } from './tool-listing.js';

const SEARCH_LIMIT = 20;
const MAX_SEARCH = 100;
const READS = { readOnlyHint: true, openWorldHint: false };

const define = (
  name: string,
  description: string,
  properties: JsonObject,
  required: string[],
  annotations?: JsonObject,
) =>
  ({
    name,
    version: '1.0.0',
    description,
    inputSchema: { type: 'object', properties, required, additionalProperties: false },
    ...(annotations !== undefined && { annotations }),
  }) satisfies ToolDefinition;

const NAME = { type: 'string', description: 'Name of a tool, as tool_search answers it.' };

const SEARCH = define(
  'tool_search',
  'Finds tools by what they do. Search first, then describe the one that fits, then call it.',
  {
    query: { type: 'string', minLength: 1, maxLength: 1_000, description: 'A few words.' },
    limit: { type: 'integer', minimum: 1, maximum: MAX_SEARCH, default: SEARCH_LIMIT },
  },
  ['query'],
  READS,
);
const DESCRIBE = define(
  'tool_describe',
  'The whole description of a tool, with the schema of its arguments.',
  { name: NAME },
  ['name'],
  READS,
);
const CALL = define(
  'tool_call',
  'Calls a tool with arguments that meet its schema.',
  { name: NAME, arguments: { type: 'object', description: 'As tool_describe says.' } },
  ['name'],
);

/** What is listed instead of tools where there are too many of them. */
export const DISCOVERY_TOOLS: readonly VisibleTool[] = [CALL, DESCRIBE, SEARCH].map((definition) => ({
  definition,
  hash: definition.name,
  provider: 'gateway',
}));

/** Whether a call is one of the tool that calls others; its arguments then say which. */
export function callsAnother(name: string): boolean {
  return name === CALL.name;
}

/** Answers a search or a description, of what the viewer may see; `undefined` when the name is neither. */
export function answerDiscovery(
  tools: Tools,
  { principal, set }: View,
  name: string,
  given: JsonObject,
): Outcome | undefined {
  const within = set === undefined ? {} : { set };
  if (name === SEARCH.name) {
    const { query, limit } = given;
    if (typeof query !== 'string') return failed('tool_search needs a query, some words');
    const most = typeof limit === 'number' && limit >= 1 ? Math.min(Math.floor(limit), MAX_SEARCH) : SEARCH_LIMIT;
    const found = tools.search(principal, query, { ...within, limit: most }).map(({ definition }) => ({
      name: definition.name,
      ...(definition.title !== undefined && { title: definition.title }),
      ...(definition.description !== undefined && { description: definition.description }),
    }));
    return text(JSON.stringify(found));
  }
  if (name !== DESCRIBE.name) return undefined;
  const found = typeof given.name === 'string' ? tools.find(principal, given.name, within) : undefined;
  return found === undefined
    ? failed('there is no such tool; find one with tool_search')
    : text(toolText(found.definition, 'modern'));
}

function text(of: string): Outcome {
  return { kind: 'result', result: { content: [{ type: 'text', text: of }] } };
}

function failed(why: string): Outcome {
  return { kind: 'result', result: { content: [{ type: 'text', text: why }], isError: true } };
}
