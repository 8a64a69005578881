import { GENESIS, JOURNAL_PREFIX, type Finding } from '@ai-orchestrator/core/plugin';
import type { Group, Position } from './frame.js';

/** Before the first commit. */
export const ORIGIN: Position = { revision: 0, sequence: 0, hash: GENESIS };

/** What is known at start: from the checkpoint, the index, the side file and the log. */
export interface Witnesses {
  /** Revision up to which the index was made durable. */
  readonly checkpoint: number;
  readonly applied: Position;
  readonly highWater: Position;
  readonly groups: readonly Group[];
}

/** What to replay, where the store goes on, and what is missing. */
export interface Recovery {
  readonly replay: readonly Group[];
  readonly position: Position;
  readonly findings: readonly Finding[];
}

/**
 * Compares what is there with what is known to have been there. Revisions and sequences go on after the highest that any witness has
 * seen, so that nothing is numbered twice and a loss stays visible in the journal as a gap.
 */
export function recover({ checkpoint, applied, highWater, groups }: Witnesses): Recovery {
  const findings: Finding[] = [];
  const replay: Group[] = [];
  let at: Position = applied.revision <= checkpoint ? applied : { ...applied, revision: checkpoint };
  let known = applied;
  for (const group of groups) {
    if (group.position.revision <= at.revision) continue;
    if (group.firstRevision > at.revision + 1) {
      const records = group.commits.flat().filter(({ key }) => key.startsWith(JOURNAL_PREFIX)).length;
      const before = {
        ...group.position,
        revision: group.firstRevision - 1,
        sequence: group.position.sequence - records,
      };
      findings.push(missing(at, before, applied));
    }
    replay.push(group);
    at = group.position;
  }
  for (const witness of [highWater, at]) if (witness.revision > known.revision) known = witness;
  if (known.revision > at.revision) findings.push(missing(at, known, applied));
  return { replay, position: known, findings };
}

function missing(after: Position, last: Position, applied: Position): Finding {
  const revisions = `revisions ${after.revision + 1} to ${last.revision}`;
  const what = `${revisions} (journal records up to ${last.sequence}) are missing from the log`;
  if (applied.revision >= last.revision) {
    return {
      what: `${what}; the index says that it has them`,
      advice: 'Run "orchestrator doctor" to check every entry, take a snapshot, and check the disk.',
    };
  }
  return {
    what: `${what} and from the index: ${last.revision - Math.max(after.revision, applied.revision)} commits are lost`,
    advice:
      'Check the disk; restore a snapshot if those changes matter. "orchestrator doctor --repair" accepts the loss.',
  };
}
