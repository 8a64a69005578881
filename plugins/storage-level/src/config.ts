import { Type } from '@ai-orchestrator/protocol';
import { LEVEL_LIMITS, type LevelLimits } from './limits.js';

const LIMIT_DESCRIPTIONS: { readonly [K in keyof LevelLimits]: readonly [minimum: number, description: string] } = {
  segmentBytes: [65_536, 'Bytes of one log segment.'],
  maxCommitBytes: [1024, 'Bytes of one commit; at most a quarter of a segment.'],
  maxGroupCommits: [1, 'Commits that share one sync.'],
  maxGroupBytes: [1024, 'Bytes of the commits that share one sync; at most a quarter of a segment.'],
  maxWaitingCommits: [1, 'Commits that may wait for their sync.'],
  maxWaitingBytes: [1024, 'Bytes of commits that may wait for their sync.'],
  maxUnindexedBytes: [1024, 'Bytes that may be durable and not yet in the index.'],
  indexBatchBytes: [0, 'Bytes that are written to the index at once; a listing looks through those that wait.'],
  indexDelayMs: [1, 'Milliseconds that fewer bytes wait for it.'],
  checkpointBytes: [65_536, 'Bytes of log between two checkpoints; bounds the replay at start.'],
  keptLogBytes: [0, 'Bytes of log kept for watchers that are behind.'],
  recentChangesBytes: [0, 'Bytes of recent changes kept in memory for watchers.'],
  maxWatchers: [1, 'Watchers at one time.'],
  reserveBytes: [0, 'Free bytes below which new commits are refused.'],
  spaceProbeMs: [10, 'Milliseconds between two looks for space while the store is full.'],
  writeBufferBytes: [65_536, "LevelDB's write buffer in bytes."],
  cacheBytes: [0, "LevelDB's block cache in bytes."],
  maxOpenFiles: [16, 'Files that LevelDB may hold open.'],
};

const keys = Object.keys(LIMIT_DESCRIPTIONS) as (keyof LevelLimits)[];
const limits = Object.fromEntries(
  keys.map((key) => {
    const [minimum, description] = LIMIT_DESCRIPTIONS[key];
    return [key, Type.Integer({ minimum, default: LEVEL_LIMITS[key], description })];
  }),
) as { [K in keyof LevelLimits]: ReturnType<typeof Type.Integer> };

/** What the plugin is configured with. */
export const LevelConfig = Type.Object(
  {
    path: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'The directory that everything durable is kept in; "store" in the data directory unless said.',
      }),
    ),
    node: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 128,
        description: "This node's name in the journal; the daemon's unless said.",
      }),
    ),
    limits: Type.Optional(Type.Object(limits, { additionalProperties: false })),
  },
  { additionalProperties: false },
);
