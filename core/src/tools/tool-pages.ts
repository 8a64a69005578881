import { OrchestratorError } from '@ai-orchestrator/protocol';

/** Where a listing goes on, after an entry. */
export function cursorAt(key: string): string {
  return Buffer.from(`after:${key}`).toString('base64url');
}

/**
 * What comes after a cursor, of entries in order of their keys; entries that came or went since neither shift nor repeat the others.
 *
 * @throws OrchestratorError `invalid_params` when the cursor is of something else
 */
export function afterCursor<T>(entries: readonly T[], cursor: string, keyOf: (entry: T) => string): readonly T[] {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (!text.startsWith('after:')) {
    const issue = { path: '/cursor', message: 'must come from an earlier answer of this method' };
    throw new OrchestratorError('invalid_params', `${issue.path} ${issue.message}`, { issues: [issue] });
  }
  const last = text.slice('after:'.length);
  const at = entries.findIndex((entry) => keyOf(entry) > last);
  return at < 0 ? [] : entries.slice(at);
}
