import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@ai-orchestrator/core/plugin';
import { layout, openIndex, syncFiles, type Checkpoint } from './data-directory.js';
import { isCode, replaceFile } from './durable-file.js';
import type { Group, Position } from './frame.js';
import { readHighWater } from './high-water.js';
import { LevelIndex } from './level-index.js';
import { Level } from './level.js';
import { levelCode } from './level-error.js';
import { LEVEL_LIMITS } from './limits.js';
import { NO_TIMERS } from './no-timers.js';
import { ORIGIN } from './recovery.js';
import { revisionIn } from './stored-value.js';
import { segmentNumbers, syncDirectory } from './segment-file.js';
import { readGroups, SegmentLog } from './segment-log.js';
import { verifyStore } from './verify.js';

/** What a repair brought back, and where the directory's old index is kept. */
export interface RepairReport {
  readonly entries: number;
  readonly journalRecords: number;
  /** What is still missing; accepted from now on. */
  readonly findings: readonly Finding[];
  readonly original: string;
}

/**
 * Repairs the index of a data directory that no daemon uses: on a copy, from its tables and from the log. The old index stays beside it
 * under another name. Damage that was known is accepted, so that the next start is not degraded by it.
 *
 * @param stamp tells the old files' names apart
 * @throws OrchestratorError `unavailable` while a daemon uses the directory
 */
export async function repair(path: string, stamp: string): Promise<RepairReport> {
  const at = layout(path);
  const original = `${at.index}.damaged-${stamp}`;
  const draft = `${at.index}.repair`;
  await refuseLocked(path);
  await rm(draft, { recursive: true, force: true });
  await cp(at.index, draft, { recursive: true });
  await Level.repair(draft);
  const index = new LevelIndex(draft, LEVEL_LIMITS, NO_TIMERS, () => undefined);
  // A copy of which nothing could be saved is begun anew and filled from the log.
  await index.open({ create: true });
  let verified;
  try {
    const groups = await readGroups(at.log);
    for (const group of groups) await index.replay([await newer(group, index)]);
    const known = [(await index.applied()) ?? ORIGIN, (await readHighWater(at.highWater)) ?? ORIGIN];
    for (const group of groups) known.push(group.position);
    const position = known.reduce((a: Position, b) => (b.revision > a.revision ? b : a));
    await index.replay([{ firstRevision: position.revision + 1, commits: [], position }]);
    await index.flush();
    verified = await verifyStore(index.level, new SegmentLog(at.log, LEVEL_LIMITS), position, []);
    const last = (await segmentNumbers(at.log)).at(-1) ?? 0;
    await replaceFile(
      at.checkpoint,
      JSON.stringify({ revision: position.revision, segment: last + 1 } satisfies Checkpoint),
    );
  } finally {
    await index.close();
  }
  await syncFiles(draft);
  await rename(at.index, original);
  await rename(draft, at.index);
  await rename(at.damage, join(path, `damage-accepted-${stamp}.json`)).catch((error: unknown) => {
    if (!isCode(error, 'ENOENT')) throw error;
  });
  await syncDirectory(path);
  return { entries: verified.entries, journalRecords: verified.journalRecords, findings: verified.findings, original };
}

/** A group without the writes that the index has newer ones of. */
async function newer(group: Group, index: LevelIndex): Promise<Group> {
  const keys = [...new Set(group.commits.flat().map(({ key }) => key))];
  const stored = await index.level.getMany(keys);
  const revisions = new Map(keys.map((key, i) => [key, revisionOf(key, stored[i])]));
  const commits = group.commits.map((writes, i) =>
    writes.filter(({ key }) => (revisions.get(key) ?? 0) < group.firstRevision + i),
  );
  return { ...group, commits };
}

function revisionOf(key: string, stored: Buffer | undefined): number {
  if (stored === undefined) return 0;
  try {
    return revisionIn(key, stored);
  } catch {
    // Damaged: whatever the log has is better.
    return 0;
  }
}

async function refuseLocked(path: string): Promise<void> {
  const index = new LevelIndex(layout(path).index, LEVEL_LIMITS, NO_TIMERS, () => undefined);
  try {
    await openIndex(path, index, false);
  } catch (error) {
    if (levelCode(error) === 'LEVEL_LOCKED') throw error;
    return;
  }
  await index.close();
}
