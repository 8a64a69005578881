import { JOURNAL_PREFIX, verifyJournalExport, verifyRecords, type JournalVerdict } from '@ai-orchestrator/core/plugin';
import { stat } from 'node:fs/promises';
import { layout, openIndex } from './data-directory.js';
import type { Group } from './frame.js';
import { readHighWater } from './high-water.js';
import type { Level } from './level.js';
import { LevelIndex } from './level-index.js';
import { LEVEL_LIMITS } from './limits.js';
import { ORIGIN } from './recovery.js';
import { readGroups } from './segment-log.js';
import { NO_TIMERS } from './no-timers.js';

const JOURNAL_RANGE = { gte: JOURNAL_PREFIX, lt: JOURNAL_PREFIX.replace('/', '0') };

/**
 * Checks a journal without the daemon: of a data directory or a snapshot of one, up to the highest record that the log, the index or the
 * high-water mark knows of, or of an export (a file with one record a line). Names the first bad record.
 *
 * @throws OrchestratorError `unavailable` while a daemon uses the directory; `storage_corruption` when its index does not open
 */
export async function verifyJournal(path: string): Promise<JournalVerdict> {
  if ((await stat(path)).isFile()) return verifyJournalExport(path);
  const at = layout(path);
  const index = new LevelIndex(at.index, LEVEL_LIMITS, NO_TIMERS, () => undefined);
  await openIndex(path, index, false);
  try {
    const groups = await readGroups(at.log);
    const witnesses = [(await index.applied()) ?? ORIGIN, (await readHighWater(at.highWater)) ?? ORIGIN];
    const last = groups.at(-1);
    if (last !== undefined) witnesses.push(last.position);
    const witness = witnesses.reduce((a, b) => (b.sequence > a.sequence ? b : a));
    return await verifyRecords(texts(index.level, groups), witness);
  } finally {
    await index.close();
  }
}

async function* texts(level: Level, groups: readonly Group[]): AsyncGenerator<string> {
  let last = '';
  for await (const [key, stored] of level.iterator(JOURNAL_RANGE)) {
    last = key;
    yield jsonIn(stored);
  }
  // What is durable in the log and had not reached the index when the daemon ended.
  for (const group of groups) {
    for (const { key, stored } of group.commits.flat()) {
      if (key > last && key.startsWith(JOURNAL_PREFIX) && stored !== undefined) yield jsonIn(stored);
    }
  }
}

/** The record's text, whether or not its checksum holds: the chain's own hash judges it. */
function jsonIn(stored: Buffer): string {
  return stored.toString('utf8', stored.indexOf(' ') + 1);
}
