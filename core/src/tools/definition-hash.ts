import { hash } from 'node:crypto';
import { canonicalJson } from '../store/canonical-json.js';
import type { ToolDefinition } from './tools.js';

/**
 * SHA-256, hex, over the canonical JSON [RFC 8785] of everything in a definition that a model or a caller relies on. The version is not in
 * it: two versions that are described alike have one hash.
 */
export function definitionHash(definition: ToolDefinition): string {
  return hash('sha256', canonicalJson(reliedOn(definition)), 'hex');
}

/** The members of a definition that the hash is over, and that a difference is shown of. */
export function reliedOn(definition: ToolDefinition): Readonly<Record<string, unknown>> {
  const { name, title, description, inputSchema, outputSchema, annotations, meta, labels, capabilities, pure } =
    definition;
  return {
    name,
    title,
    description,
    inputSchema,
    outputSchema,
    annotations,
    meta,
    labels,
    capabilities: capabilities === undefined ? undefined : [...new Set(capabilities)].sort(),
    pure,
  };
}
