import { OrchestratorError } from '@ai-orchestrator/protocol';

/** What classic-level says of an error: its own code, or that of its cause. */
export function levelCode(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && at.code !== 'LEVEL_DATABASE_NOT_OPEN') return at.code;
  }
  return undefined;
}

/** Whether an error means that the file system has no space (or quota) left. */
export function isFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && (at.code === 'ENOSPC' || at.code === 'EDQUOT')) return true;
    if (/No space left on device|Disk quota exceeded/.test(at.message)) return true;
  }
  return false;
}

/** A failed read of LevelDB as the error that crosses the wire. */
export function damaged(error: unknown): unknown {
  const code = levelCode(error);
  if (error instanceof Error && 'code' in error && error.code === 'LEVEL_DATABASE_NOT_OPEN') {
    return new OrchestratorError(
      'unavailable',
      'the index is being opened; try again in a moment',
      {},
      { cause: error },
    );
  }
  if (code !== 'LEVEL_CORRUPTION' && code !== 'LEVEL_IO_ERROR') return error;
  return new OrchestratorError(
    'storage_corruption',
    `LevelDB cannot read it (${error instanceof Error ? error.message : String(error)}); restore the data directory from a snapshot`,
    {},
    { cause: error },
  );
}
