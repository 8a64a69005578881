import { OrchestratorError } from '@ai-orchestrator/protocol';
import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readJson, replaceFile } from './durable-file.js';
import { decodeFrame } from './frame.js';
import { levelCode } from './level-error.js';
import type { LevelIndex } from './level-index.js';
import type { LevelLimits } from './limits.js';
import type { SegmentLog } from './segment-log.js';
import { segmentNumbers, segmentPath, syncDirectory } from './segment-file.js';

/** Layout of a data directory; another number is another layout, which this version does not read. */
const FORMAT = 1;

/** Up to where the index is durable, and the segment that the log is replayed from. */
export interface Checkpoint {
  readonly revision: number;
  readonly segment: number;
}

/** Where things are in a data directory. */
export function layout(path: string): {
  readonly index: string;
  readonly log: string;
  readonly format: string;
  readonly checkpoint: string;
  readonly highWater: string;
  readonly damage: string;
  readonly owner: string;
} {
  return {
    index: join(path, 'index'),
    log: join(path, 'log'),
    format: join(path, 'store.json'),
    checkpoint: join(path, 'checkpoint.json'),
    highWater: join(path, 'high-water'),
    damage: join(path, 'damage.json'),
    owner: join(path, 'owner.json'),
  };
}

/**
 * Opens the index of a data directory, which takes its lock. A directory that never got as far as its format file holds nothing that was
 * acknowledged, so it is begun anew.
 *
 * @throws OrchestratorError `unavailable` with the holder's pid, `storage_corruption` with the command that repairs
 */
export async function openDirectory(
  path: string,
  limits: LevelLimits,
  index: LevelIndex,
  log: SegmentLog,
): Promise<Checkpoint> {
  const at = layout(path);
  await mkdir(path, { recursive: true, mode: 0o700 });
  const format = await readJson(at.format);
  if (format === undefined) {
    await initialise(path, limits, index, log);
  } else {
    checkFormat(format, path);
    await openIndex(path, index, false);
  }
  await replaceFile(at.owner, JSON.stringify({ pid: process.pid }));
  const checkpoint = (await readJson(at.checkpoint)) as Checkpoint | undefined;
  return checkpoint ?? { revision: 0, segment: 0 };
}

async function initialise(path: string, limits: LevelLimits, index: LevelIndex, log: SegmentLog): Promise<void> {
  const at = layout(path);
  await mkdir(at.log, { recursive: true, mode: 0o700 });
  if (await hasFrames(at.log)) {
    throw new OrchestratorError(
      'storage_corruption',
      `${at.format} is missing although the log holds commits; restore that file: {"format":${FORMAT}}`,
      { path },
    );
  }
  try {
    await openIndex(path, index, true);
  } catch (error) {
    if (!(error instanceof OrchestratorError && error.errorName === 'storage_corruption')) throw error;
    await rm(at.index, { recursive: true });
    await openIndex(path, index, true);
  }
  await Promise.all([syncFiles(at.index), log.create()]);
  await replaceFile(at.checkpoint, JSON.stringify({ revision: 0, segment: 1 } satisfies Checkpoint));
  await writeFormat(path);
  await syncDirectory(join(path, '..'));
}

/** Marks a directory as a whole data directory; the last step of making one. */
export async function writeFormat(path: string): Promise<void> {
  await replaceFile(layout(path).format, JSON.stringify({ format: FORMAT }));
}

/** Opens the index, which takes the lock. @throws OrchestratorError as {@link openDirectory} */
export async function openIndex(path: string, index: LevelIndex, create: boolean): Promise<void> {
  try {
    await index.open({ create });
  } catch (error) {
    const code = levelCode(error);
    if (code === 'LEVEL_LOCKED') throw await locked(path, error);
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw new OrchestratorError(
      'storage_corruption',
      `the index in ${path} does not open (${why}). Nothing was changed. Run "orchestrator doctor --repair" with this data ` +
        'directory: it works on a copy and rebuilds from the log; or restore a snapshot',
      { path, reason: 'index_damaged' },
      { cause: error },
    );
  }
}

async function locked(path: string, cause: unknown): Promise<OrchestratorError> {
  const owner = (await readJson(layout(path).owner).catch(() => undefined)) as { readonly pid?: number } | undefined;
  return new OrchestratorError(
    'unavailable',
    `the data directory ${path} is in use by process ${owner?.pid ?? '(unknown)'}; stop that daemon, or give this one a data ` +
      'directory of its own',
    { path, reason: 'store_locked', ...(owner?.pid === undefined ? {} : { pid: owner.pid }) },
    { cause },
  );
}

function checkFormat(format: unknown, path: string): void {
  const found = typeof format === 'object' && format !== null && 'format' in format ? format.format : undefined;
  if (found === FORMAT) return;
  throw new OrchestratorError(
    'storage_corruption',
    `${path} has data format ${String(found)}; this version reads format ${FORMAT}. Start the version that wrote it`,
    { path, reason: 'format_unknown' },
  );
}

async function hasFrames(directory: string): Promise<boolean> {
  for (const number of await segmentNumbers(directory)) {
    if (decodeFrame(await readFile(segmentPath(directory, number)), 0) !== undefined) return true;
  }
  return false;
}

/** Removes the copies of the index that repairs left beside it. */
export async function removeCopies(path: string): Promise<void> {
  const { index } = layout(path);
  const copies = (await readdir(path)).filter((name) => name.startsWith(`${basename(index)}.`));
  for (const name of copies) await rm(join(path, name), { recursive: true, force: true });
  if (copies.length > 0) await syncDirectory(path);
}

/** Makes every file of a directory durable, and its names. */
export async function syncFiles(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    // Closing any handle of the lock file would give up this process's lock on it.
    if (!entry.isFile() || entry.name === 'LOCK') continue;
    const file = await open(join(directory, entry.name), 'r');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  await syncDirectory(directory);
}
