import { isLeaf, isTable, type JsonSchema, type Leaf, type Table, type Tree } from './leaf.js';
import { SCHEMA } from './schema.js';

/** JSON Schema (2020-12) of the configuration file; `x-reload` says whether SIGHUP applies a key or a restart is needed. */
export function configurationSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'AI Orchestrator configuration',
    ...ofTree(SCHEMA),
  };
}

function ofTree(tree: Tree): JsonSchema {
  const properties = Object.fromEntries(Object.entries(tree).map(([name, node]) => [name, ofNode(node)]));
  return { type: 'object', additionalProperties: false, properties };
}

function ofNode(node: Leaf | Table | Tree): JsonSchema {
  if (isLeaf(node)) {
    const { default: fallback, doc, reload, schema } = node;
    return {
      description: doc,
      ...schema,
      ...(fallback === undefined ? {} : { default: fallback }),
      'x-reload': reload,
    };
  }
  if (!isTable(node)) return ofTree(node);
  return {
    description: node.doc,
    type: 'object',
    propertyNames: { pattern: node.names.source },
    additionalProperties: ofTree(node.entry),
    default: node.default,
    'x-reload': node.reload,
  };
}
