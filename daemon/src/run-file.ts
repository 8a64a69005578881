import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/** What a running daemon says of itself in its data directory, so that local commands find it. */
export interface RunFile {
  readonly pid: number;
  /** WebSocket URL of `/rpc`, on loopback where the daemon listens there. */
  readonly url: string;
  readonly version: string;
  /** RFC 3339 time, UTC. */
  readonly startedAt: string;
}

/** Where the run file of a data directory is. */
export function runFilePath(dataDirectory: string): string {
  return join(dataDirectory, 'daemon.json');
}

/** Written when the daemon is ready; readable by its own user only. */
export async function writeRunFile(dataDirectory: string, content: RunFile): Promise<void> {
  await writeFileAtomic(runFilePath(dataDirectory), `${JSON.stringify(content, undefined, 2)}\n`, { mode: 0o600 });
}

/** Taken away when the daemon stops; after a crash it stays, and its pid tells that it is stale. */
export async function removeRunFile(dataDirectory: string): Promise<void> {
  await rm(runFilePath(dataDirectory), { force: true });
}

/**
 * The run file of a data directory; `undefined` when there is none.
 *
 * @throws Error when it is there and cannot be read or understood
 */
export async function readRunFile(dataDirectory: string): Promise<RunFile | undefined> {
  const path = runFilePath(dataDirectory);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const content: unknown = JSON.parse(text);
  if (!isRunFile(content)) throw new Error(`${path} is not a run file; remove it and start the daemon again`);
  return content;
}

function isRunFile(content: unknown): content is RunFile {
  if (typeof content !== 'object' || content === null) return false;
  const { pid, url, version, startedAt } = content as Record<string, unknown>;
  return (
    Number.isInteger(pid) && typeof url === 'string' && typeof version === 'string' && typeof startedAt === 'string'
  );
}
