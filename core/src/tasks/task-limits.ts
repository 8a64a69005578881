/** Bounds of tasks. */
export interface TaskLimits {
  /** Tasks that one agent may work on at once; a connection may ask for less. */
  readonly window: number;
  /** Tasks that wait for one agent, or for one kind of agent. */
  readonly queuedTasks: number;
  /** Bytes of their inputs. */
  readonly queuedBytes: number;
  /** Kinds of agents (skill with version, labels) that tasks may wait for at once. */
  readonly targets: number;
  /** Time limits of a task that names none, ms. */
  readonly queuedMs: number;
  readonly runningMs: number;
  readonly totalMs: number;
  /** How long a worker without an open connection may be silent about a task, ms. */
  readonly leaseMs: number;
  /** How long a worker whose connection ended has to come back, ms. */
  readonly graceMs: number;
  /** How long a task that its worker was lost with waits for a worker that has nothing else, and keeps everything else from it, ms. */
  readonly aloneMs: number;
  /** Attempts of a task that names no number. */
  readonly maxAttempts: number;
  /** Before the second attempt; doubles with each further one, ms. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
  /** Tasks below each other. */
  readonly depth: number;
  /** Sub-tasks of a task that names no number. */
  readonly fanOut: number;
  /** Tasks below one that has no parent, at any depth. */
  readonly tree: number;
  /** Events kept of a task; of more the oldest are dropped. */
  readonly events: number;
  /** Versions of all artifacts of a task. */
  readonly artifacts: number;
  /** Bytes of all artifacts of a task, as JSON. */
  readonly artifactBytes: number;
  /** Inputs that a worker may have asked for and not got. */
  readonly inputs: number;
  /** A prompt with its schema, as JSON. */
  readonly promptBytes: number;
  /** Results of stale attempts that are recorded of a task. */
  readonly lateResults: number;
  /** Data of an error, as JSON. */
  readonly errorBytes: number;
  /** Changes of one task that may wait for each other. */
  readonly waitingPerTask: number;
  /** task.pull calls that may wait. */
  readonly pullWaiters: number;
  /** Watchers that may wait for events. */
  readonly watchers: number;
  /** Between two looks at leases and time limits, ms. */
  readonly sweepMs: number;
  /** How long a task is kept after its end, ms. */
  readonly keepMs: number;
  /** Between two looks for tasks to forget, ms. */
  readonly forgetMs: number;
}

const HOUR = 3_600_000;

/** What {@link TaskLimits} are unless configured. */
export const TASK_LIMITS: TaskLimits = {
  window: 1000,
  queuedTasks: 100_000,
  queuedBytes: 256 * 1024 * 1024,
  targets: 10_000,
  queuedMs: 24 * HOUR,
  runningMs: HOUR,
  totalMs: 7 * 24 * HOUR,
  leaseMs: 30_000,
  graceMs: 5_000,
  aloneMs: 5_000,
  maxAttempts: 3,
  backoffMs: 1_000,
  backoffMaxMs: 60_000,
  depth: 16,
  fanOut: 100,
  tree: 10_000,
  events: 10_000,
  artifacts: 100,
  artifactBytes: 256 * 1024 * 1024,
  inputs: 8,
  promptBytes: 16_384,
  lateResults: 100,
  errorBytes: 4096,
  waitingPerTask: 64,
  pullWaiters: 10_000,
  watchers: 10_000,
  sweepMs: 250,
  keepMs: 7 * 24 * HOUR,
  forgetMs: 60_000,
};
