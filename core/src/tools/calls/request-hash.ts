import { hash } from 'node:crypto';
import { canonicalJson } from '../../store/canonical-json.js';
import type { VisibleTool } from '../tools.js';

/** A JSON value as it is hashed, and its hash. */
export interface Hashed {
  /** SHA-256 of the canonical JSON, hex. */
  readonly hash: string;
  /** Of the canonical JSON. */
  readonly characters: number;
}

/** SHA-256 over the canonical JSON of a value. */
export function hashed(value: unknown): Hashed {
  const text = canonicalJson(value);
  return { hash: hash('sha256', text, 'hex'), characters: text.length };
}

/** What an approval is given for, as a hash: exactly this caller, definition and arguments. */
export function requestDigest(callerId: string, tool: VisibleTool, argumentsHash: string): string {
  const { definition, provider } = tool;
  const text = JSON.stringify([callerId, provider, definition.name, definition.version, tool.hash, argumentsHash]);
  return hash('sha256', text, 'hex');
}
