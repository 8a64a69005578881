import { OrchestratorError } from '@ai-orchestrator/protocol';

/** Bounds of a {@link LevelStore}; each is a key of the plugin's configuration. */
export interface LevelLimits {
  /** Bytes of one log segment; segments are written full of zeros before they are used. */
  readonly segmentBytes: number;
  /** Bytes of one commit as it is stored; at most a quarter of a segment, as a character may take three bytes. */
  readonly maxCommitBytes: number;
  /** Commits in one group, that is in one write to the log. */
  readonly maxGroupCommits: number;
  /** Bytes in one group, at most a quarter of a segment; a single larger commit makes a group of its own. */
  readonly maxGroupBytes: number;
  /** Commits that may wait for their group. */
  readonly maxWaitingCommits: number;
  /** Bytes of commits that may wait for their group. */
  readonly maxWaitingBytes: number;
  /** Bytes that may be durable in the log and not yet be in the index; the next group waits for it. */
  readonly maxUnindexedBytes: number;
  /** Bytes that are written to the index at once; fewer wait for {@link LevelLimits.indexDelayMs}. */
  readonly indexBatchBytes: number;
  /** Milliseconds that a small commit waits for its index write, which then stays out of the way of the next sync. */
  readonly indexDelayMs: number;
  /** Bytes of log after which the index is made durable and the log can be cut; bounds the replay at start. */
  readonly checkpointBytes: number;
  /** Bytes of log kept behind the last checkpoint for watchers that are behind. */
  readonly keptLogBytes: number;
  /** Bytes of recent changes that watchers are served from memory. */
  readonly recentChangesBytes: number;
  /** Watchers at one time. */
  readonly maxWatchers: number;
  /** Free bytes on the file system below which new commits are refused. */
  readonly reserveBytes: number;
  /** Milliseconds between two looks for space while the store is full. */
  readonly spaceProbeMs: number;
  /** LevelDB's write buffer in bytes. */
  readonly writeBufferBytes: number;
  /** LevelDB's block cache in bytes. */
  readonly cacheBytes: number;
  /** Files that LevelDB may hold open. */
  readonly maxOpenFiles: number;
}

const MiB = 1024 * 1024;

/** What holds unless the configuration says otherwise. */
export const LEVEL_LIMITS: LevelLimits = {
  segmentBytes: 16 * MiB,
  maxCommitBytes: 4 * MiB,
  maxGroupCommits: 1024,
  maxGroupBytes: MiB,
  maxWaitingCommits: 16_384,
  maxWaitingBytes: 64 * MiB,
  maxUnindexedBytes: 16 * MiB,
  indexBatchBytes: 4 * MiB,
  indexDelayMs: 100,
  checkpointBytes: 48 * MiB,
  keptLogBytes: 64 * MiB,
  recentChangesBytes: MiB,
  maxWatchers: 1024,
  reserveBytes: 64 * MiB,
  spaceProbeMs: 500,
  writeBufferBytes: 4 * MiB,
  cacheBytes: 8 * MiB,
  maxOpenFiles: 256,
};

/** Checks that the limits fit each other. @throws OrchestratorError `invalid_params` naming the key */
export function checkLimits(limits: LevelLimits): LevelLimits {
  for (const key of ['maxCommitBytes', 'maxGroupBytes'] as const) {
    if (limits[key] > limits.segmentBytes / 4) {
      throw new OrchestratorError(
        'invalid_params',
        `limits.${key} (${limits[key]}) is more than a quarter of limits.segmentBytes (${limits.segmentBytes}); lower it, or raise the other`,
        { key: `limits.${key}` },
      );
    }
  }
  return limits;
}
