import { OrchestratorError } from '@ai-orchestrator/protocol';
import { canonicalJson } from '../store/canonical-json.js';
import type { Operation } from './merge/field.js';

/** What a write does, as the wire has it: exactly one member. */
export interface OperationParams {
  readonly delete?: true;
  readonly add?: number;
  readonly insert?: readonly unknown[];
  readonly remove?: readonly unknown[];
  readonly set?: Readonly<Record<string, unknown>>;
  readonly unset?: readonly string[];
}

const NAMES = ['delete', 'add', 'insert', 'remove', 'set', 'unset'] as const;

/**
 * Reads what a write does.
 *
 * @param text the JSON text of the member `value`
 * @param at where it stands, for errors
 * @throws OrchestratorError `invalid_params` unless there is exactly one of them
 */
export function operationOf(params: OperationParams, text: string | undefined, at = ''): Operation {
  const named = NAMES.filter((name) => params[name] !== undefined);
  if (named.length + (text === undefined ? 0 : 1) !== 1) {
    throw invalid(at, `must have exactly one of value, ${NAMES.join(', ')}`);
  }
  if (text !== undefined) return { type: 'value', text };
  const { add, insert, remove, set, unset } = params;
  if (add !== undefined) return { type: 'add', delta: add };
  if (insert !== undefined) return { type: 'insert', items: insert.map(canonicalJson) };
  if (remove !== undefined) return { type: 'remove', items: remove.map(canonicalJson) };
  if (unset !== undefined) return { type: 'unset', keys: unset };
  if (set !== undefined) {
    const entries = Object.entries(set).map(([key, value]) => [key, JSON.stringify(value)] as const);
    return { type: 'set', entries: new Map(entries) };
  }
  return { type: 'delete' };
}

/** An operation as the wire has it, as JSON text. */
export function operationText(operation: Operation): string {
  switch (operation.type) {
    case 'value':
      return `{"value":${operation.text}}`;
    case 'delete':
      return '{"delete":true}';
    case 'add':
      return `{"add":${String(operation.delta)}}`;
    case 'insert':
    case 'remove':
      return `{"${operation.type}":[${operation.items.join(',')}]}`;
    case 'set': {
      const entries = [...operation.entries].map(([key, text]) => `${JSON.stringify(key)}:${text}`);
      return `{"set":{${entries.join(',')}}}`;
    }
    case 'unset':
      return `{"unset":${JSON.stringify(operation.keys)}}`;
  }
}

/** The error for params that are wrong in one place. */
export function invalid(path: string, message: string): OrchestratorError {
  return new OrchestratorError('invalid_params', `${path === '' ? 'params' : path} ${message}`, {
    issues: [{ path, message }],
  });
}
