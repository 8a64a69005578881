import type { Requirement } from './requirement.js';

export const storage: readonly Requirement[] = [
  {
    id: 'STORE-01',
    source: 'DESIGN 5',
    behaviour:
      'a store implements the store contract: atomic commits with checks, ranges, watches, events, snapshot, verify',
  },
  {
    id: 'STORE-02',
    source: 'DESIGN 5',
    behaviour: 'commits that arrive during a sync share the next one',
  },
  {
    id: 'STORE-03',
    source: 'DESIGN 5',
    behaviour: 'commits past a bound on size or on waiting are refused by the name of the limit',
  },
  {
    id: 'STORE-04',
    source: 'DESIGN 5',
    behaviour: 'a watcher that is behind is fed from disk, and told cursor_expired past the retention',
  },
  {
    id: 'STORE-05',
    source: 'DESIGN 5',
    behaviour: 'a snapshot is of one moment, opens as a store and goes on from there',
  },
  {
    id: 'STORE-06',
    source: 'DESIGN 5',
    behaviour: 'data of a newer schema version is refused with what to do',
  },
  {
    id: 'STORE-07',
    source: 'DESIGN 5',
    behaviour: 'the store agrees with a simple model of it under random commits, restarts, ranges and watches',
  },
  {
    id: 'STORE-08',
    source: 'DESIGN 6',
    behaviour: 'a journal is verified without the daemon, and the first bad record is named',
  },
  {
    id: 'STORE-09',
    source: 'DESIGN 6',
    behaviour: 'the journal is read and followed by sequence with a filter, each record once',
  },
  {
    id: 'STORE-10',
    source: 'DESIGN 5',
    behaviour: 'the store measures its commits, groups, syncs, queue depth and state',
  },
  {
    id: 'STORE-14',
    source: 'issue 3',
    behaviour:
      'a purge leaves nothing of what was deleted or replaced in any file of the directory, while commits go on',
  },
  {
    id: 'STORE-15',
    source: 'issue 3',
    behaviour: 'a power cut in any step of a purge loses no commit, and the next purge ends it',
  },
  {
    id: 'STORE-16',
    source: 'issue 3',
    behaviour:
      'a purge waits for the reads that began before it, whose snapshots would keep what was deleted in the tables that are merged meanwhile',
  },
  {
    id: 'F01',
    source: 'FAULTS F01',
    behaviour: 'kill -9 during a batch loses no acknowledged commit and doubles none',
  },
  {
    id: 'F02',
    source: 'FAULTS F02',
    behaviour:
      'after a power cut during group commit the store opens with every acknowledged commit, and the journal verifies',
  },
  {
    id: 'F03',
    source: 'FAULTS F03',
    behaviour: 'a power cut right after the first start never leaves a data directory that blocks the next start',
  },
  {
    id: 'F04',
    source: 'FAULTS F04',
    behaviour:
      'a power cut during a migration or a checkpoint loses nothing; the migration goes on and the schema version is true',
  },
  {
    id: 'F05',
    source: 'FAULTS F05',
    behaviour: 'a full disk refuses new work with a retryable error; reads go on, and writes resume when space returns',
  },
  {
    id: 'F07',
    source: 'FAULTS F07',
    behaviour: 'an I/O error fences the store: nothing of that group is acknowledged and nothing is tried again',
  },
  {
    id: 'F08',
    source: 'FAULTS F08',
    behaviour: 'a log that was flipped, cut or zeroed is told at start with what is missing; nothing is lost silently',
  },
  {
    id: 'F10',
    source: 'FAULTS F10',
    behaviour: 'a damaged MANIFEST or CURRENT stops the start with the repair command, and the repair works on a copy',
  },
  {
    id: 'F11',
    source: 'FAULTS F11',
    behaviour:
      'a flipped bit in a table is never a wrong value, is storage_corruption for a value that it hit, and verification tells it wherever it is',
  },
  {
    id: 'F12',
    source: 'FAULTS F12',
    behaviour: 'a second daemon on the same data directory is refused with the pid of the first',
  },
  {
    id: 'F13',
    source: 'FAULTS F13',
    behaviour: 'a lock left behind by kill -9 does not keep the next daemon from starting',
  },
];
