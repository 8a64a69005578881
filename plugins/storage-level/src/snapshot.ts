import type { SnapshotManifest } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { layout, syncFiles, writeFormat } from './data-directory.js';
import { isCode, replaceFile } from './durable-file.js';
import type { Position } from './frame.js';
import { APPLIED_KEY } from './level-index.js';
import { Level } from './level.js';
import type { LevelLimits } from './limits.js';
import { ORIGIN } from './recovery.js';
import { SegmentLog } from './segment-log.js';
import { openStored } from './stored-value.js';

/** Bytes of entries that are copied in one write. */
const COPY_BYTES = 1024 * 1024;

/**
 * Copies every entry, as of one moment, into a data directory of its own, compacted and without the log's past; its manifest lists every
 * file with its hash. The manifest is written last: a directory without one is not a snapshot.
 *
 * @throws OrchestratorError `conflict` when the directory exists
 */
export async function writeSnapshot(
  source: Level,
  directory: string,
  about: { readonly createdAt: string; readonly schemaVersion: number; readonly limits: LevelLimits },
): Promise<SnapshotManifest> {
  await make(directory);
  const at = layout(directory);
  const snapshot = source.snapshot();
  let position: Position;
  try {
    const applied = await source.get(APPLIED_KEY, { snapshot });
    position = applied === undefined ? ORIGIN : (JSON.parse(openStored(APPLIED_KEY, applied).json) as Position);
    await copyEntries(source, snapshot, at.index);
  } finally {
    await snapshot.close();
  }
  const log = new SegmentLog(at.log, about.limits);
  await log.create();
  await replaceFile(at.checkpoint, JSON.stringify({ revision: position.revision, segment: 1 }));
  await writeFormat(directory);
  await syncFiles(at.index);
  const manifest: SnapshotManifest = {
    createdAt: about.createdAt,
    schemaVersion: about.schemaVersion,
    revision: position.revision,
    journal: { sequence: position.sequence, hash: position.hash },
    files: await describeFiles(directory),
  };
  await replaceFile(join(directory, 'manifest.json'), JSON.stringify(manifest, undefined, 2));
  return manifest;
}

async function make(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    throw new OrchestratorError('conflict', `${directory} exists; name a directory that does not`, {
      resource: directory,
    });
  }
}

async function copyEntries(source: Level, snapshot: ReturnType<Level['snapshot']>, path: string): Promise<void> {
  const target = new Level<string, Buffer>(path, { valueEncoding: 'buffer', errorIfExists: true });
  await target.open();
  try {
    let batch: { type: 'put'; key: string; value: Buffer }[] = [];
    let bytes = 0;
    for await (const [key, value] of source.iterator({ snapshot })) {
      batch.push({ type: 'put', key, value });
      bytes += key.length + value.length;
      if (bytes < COPY_BYTES) continue;
      await target.batch(batch);
      batch = [];
      bytes = 0;
    }
    await target.batch(batch);
    await target.compactRange('', '\u{10ffff}');
  } finally {
    await target.close();
  }
}

async function describeFiles(directory: string): Promise<SnapshotManifest['files']> {
  const files: { name: string; bytes: number; sha256: string }[] = [];
  for (const name of (await readdir(directory, { recursive: true })).sort()) {
    const path = join(directory, name);
    const info = await stat(path);
    if (!info.isFile()) continue;
    const hash = createHash('sha256');
    await pipeline(createReadStream(path), hash);
    files.push({ name, bytes: info.size, sha256: hash.digest('hex') });
  }
  return files;
}
