import { OrchestratorError } from '@ai-orchestrator/protocol';

/** Where a reader of a transcript is. */
export interface ContextCursor {
  readonly kind: 'start' | 'end' | 'watch' | 'export';
  /** The last entry that it was given; going back, the one before which it goes on. */
  readonly entry: number;
  /** The summary that stood for the first entries when it began, 0 for none, and the last entry that it covers. */
  readonly summary: number;
  readonly upTo: number;
}

/** As callers get it. */
export function cursorText(contextId: string, { kind, entry, summary, upTo }: ContextCursor): string {
  return Buffer.from(`context:${contextId}:${kind}:${entry}:${summary}:${upTo}`).toString('base64url');
}

/** @throws OrchestratorError `invalid_params` when it is of another method or context */
export function readCursor(
  contextId: string,
  kind: ContextCursor['kind'],
  cursor: string,
  path = '/cursor',
): ContextCursor {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const start = `context:${contextId}:${kind}:`;
  const numbers = text.slice(start.length).split(':').map(Number);
  const [entry, summary, upTo] = numbers;
  if (
    !text.startsWith(start) ||
    numbers.length !== 3 ||
    !numbers.every((n) => Number.isSafeInteger(n) && n >= 0) ||
    entry === undefined ||
    summary === undefined ||
    upTo === undefined
  ) {
    const message = 'must come from an earlier answer about this context';
    throw new OrchestratorError('invalid_params', `${path} ${message}`, { issues: [{ path, message }] });
  }
  return { kind, entry, summary, upTo };
}
