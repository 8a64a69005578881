import { journalKey, sealRecord, type CommitResult } from '@ai-orchestrator/core/plugin';
import type { Admitted } from './admit.js';
import { encodeFrame, type Draft, type Group, type Position } from './frame.js';

/** A group that is ready for the log, and what each commit of it will be answered once it is durable. */
export interface GroupPlan {
  /** Undefined when every check failed, so that there is nothing to write. */
  readonly encoded: { readonly frame: Buffer; readonly group: Group } | undefined;
  readonly results: readonly CommitResult[];
}

/**
 * Decides commits in order: each sees what the earlier ones of its group write, and conflicts when a check does not hold then. Events
 * become the journal's next records.
 *
 * @param revisions of every checked key, before the group; 0 where there is none
 * @param time RFC 3339, of the group's journal records
 */
export function planGroup(
  commits: readonly Admitted[],
  revisions: Map<string, number>,
  before: Position,
  time: string,
  node: string,
): GroupPlan {
  let { revision, sequence, hash } = before;
  const isChecked = commits.some(({ checks }) => checks.length > 0);
  const written: Draft[][] = [];
  const results = commits.map((commit): CommitResult => {
    for (const check of commit.checks) {
      const found = revisions.get(check.key) ?? 0;
      if (found !== check.revision) return { committed: false, conflict: { key: check.key, revision: found } };
    }
    revision++;
    const writes: Draft[] = [];
    for (const { key, json } of commit.puts) {
      writes.push({ key, json });
      if (isChecked) revisions.set(key, revision);
    }
    for (const key of commit.deletes) {
      writes.push({ key, json: undefined });
      if (isChecked) revisions.set(key, 0);
    }
    for (const event of commit.events) {
      const record = sealRecord(event, sequence + 1, time, node, hash);
      writes.push({ key: journalKey(record.sequence), json: record.text });
      ({ sequence, hash } = record);
    }
    written.push(writes);
    return { committed: true, revision, sequence: commit.events.length === 0 ? 0 : sequence };
  });
  const position = { revision, sequence, hash };
  const encoded = written.length === 0 ? undefined : encodeFrame(before.revision + 1, written, position);
  return { encoded, results };
}
