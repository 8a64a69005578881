import {
  checkKey,
  type ChangeSet,
  type Clock,
  type Commit,
  type CommitResult,
  type Entry,
  type Finding,
  type Log,
  type RangeOptions,
  type RangePage,
  type SnapshotManifest,
  type Store,
  type StoreState,
  type TextEntry,
  type Timer,
  type Timers,
  type VerifyReport,
} from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { statfs } from 'node:fs/promises';
import { admit, type Admitted } from './admit.js';
import { ChangeFeed } from './change-feed.js';
import { layout, openDirectory, removeCopies, type Checkpoint } from './data-directory.js';
import { readJson, replaceFile } from './durable-file.js';
import type { Position } from './frame.js';
import { planGroup } from './group-plan.js';
import { GroupWriter } from './group-writer.js';
import { HighWaterFile, readHighWater } from './high-water.js';
import { isFull } from './level-error.js';
import { LevelIndex } from './level-index.js';
import { checkLimits, LEVEL_LIMITS, type LevelLimits } from './limits.js';
import { migrate, MIGRATIONS, readSchemaVersion, type Migration } from './migrations.js';
import { ORIGIN, recover } from './recovery.js';
import { SegmentLog } from './segment-log.js';
import { SharedRuns } from './shared-runs.js';
import { writeSnapshot } from './snapshot.js';
import { verifyStore } from './verify.js';

/** Findings that are remembered over restarts. */
const MAX_FINDINGS = 100;

/** What a store counts of each group that became durable. */
export interface GroupMeasure {
  readonly commits: number;
  readonly bytes: number;
  readonly syncMs: number;
}

/** What a {@link LevelStore} is given. */
export interface LevelStoreOptions {
  /** The data directory; made when it does not exist. */
  readonly path: string;
  /** Name of this node in the journal. */
  readonly node: string;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
  readonly limits?: Partial<LevelLimits>;
  readonly migrations?: readonly Migration[];
  readonly measured?: (group: GroupMeasure) => void;
  /** Told the name of each step that a power cut could interrupt; for fault tests. */
  readonly atStep?: (step: string) => void;
}

/** A store in one directory: a segment log that is synced with every group, and LevelDB as its index. */
export class LevelStore implements Store {
  readonly #options: LevelStoreOptions;
  readonly #limits: LevelLimits;
  readonly #index: LevelIndex;
  readonly #log: SegmentLog;
  readonly #writer: GroupWriter;
  #feed: ChangeFeed;
  #highWater: HighWaterFile | undefined;
  #position: Position = ORIGIN;
  #checkpoint: Checkpoint = { revision: 0, segment: 0 };
  #checkpointing: Promise<void> | undefined;
  #bytesSinceCheckpoint = 0;
  #bytesSinceLook = 0;
  #state: StoreState = 'open';
  #stateReason: string | undefined;
  #findings: readonly Finding[] = [];
  #probe: Timer | undefined;
  #probing: Promise<void> | undefined;
  readonly #purges = new SharedRuns(() => this.#alone(() => this.#purge()));
  /** The end of what reads or rewrites the whole index, which goes one after another. */
  #whole: Promise<unknown> = Promise.resolve();
  #schemaVersion = 1;

  private constructor(options: LevelStoreOptions) {
    this.#options = options;
    this.#limits = checkLimits({ ...LEVEL_LIMITS, ...options.limits });
    const at = layout(options.path);
    this.#log = new SegmentLog(at.log, this.#limits);
    this.#index = new LevelIndex(at.index, this.#limits, options.timers, (error) =>
      this.#failed('the index could not be written', error),
    );
    this.#feed = new ChangeFeed(this.#log, this.#limits, 0);
    this.#writer = new GroupWriter(this.#limits, (commits) => this.#writeGroup(commits));
  }

  /**
   * Opens a data directory, replays the log and compares it with what is known to have been written.
   *
   * @throws OrchestratorError `unavailable` (`data.reason` `store_locked`: another process has it), `storage_corruption` (says what to
   *   run), `storage_full`
   */
  static async open(options: LevelStoreOptions): Promise<LevelStore> {
    const store = new LevelStore(options);
    try {
      await store.#open();
      return store;
    } catch (error) {
      await store.#release();
      if (!isFull(error)) throw error;
      throw new OrchestratorError(
        'storage_full',
        `no space to start in ${options.path}; free some`,
        {},
        { cause: error },
      );
    }
  }

  get revision(): number {
    return this.#position.revision;
  }

  get state(): StoreState {
    return this.#state;
  }

  get stateReason(): string | undefined {
    return this.#stateReason;
  }

  get journalHead(): { readonly sequence: number; readonly hash: string } {
    return { sequence: this.#position.sequence, hash: this.#position.hash };
  }

  /** Commits that wait for their group. */
  get waitingCommits(): number {
    return this.#writer.waiting;
  }

  async get(key: string): Promise<Entry | undefined> {
    this.#checkOpen();
    checkKey(key);
    return this.#index.get(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    this.#checkOpen();
    keys.forEach(checkKey);
    return this.#index.getMany(keys);
  }

  async getTexts(keys: readonly string[]): Promise<readonly (TextEntry | undefined)[]> {
    this.#checkOpen();
    keys.forEach(checkKey);
    return this.#index.getTexts(keys);
  }

  async range(options: RangeOptions): Promise<RangePage> {
    this.#checkOpen();
    // The store's own keys sort first, all below this one.
    return this.#index.range({ ...options, from: options.from < '"' ? '"' : options.from });
  }

  async commit(commit: Commit): Promise<CommitResult> {
    this.#checkWritable();
    return await this.#writer.submit(admit(commit, this.#limits));
  }

  async *watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncGenerator<ChangeSet> {
    this.#checkOpen();
    if (afterRevision > this.revision) {
      throw new OrchestratorError(
        'cursor_expired',
        `revision ${afterRevision} has not been written here (the last is ${this.revision}); was a snapshot restored?`,
        { revision: this.revision },
      );
    }
    yield* this.#feed.watch(prefix, afterRevision, signal);
  }

  async snapshot(directory: string): Promise<SnapshotManifest> {
    this.#checkOpen();
    return this.#alone(async () => {
      await this.#index.settled();
      return writeSnapshot(this.#index.level, directory, {
        createdAt: new Date(this.#options.clock.now()).toISOString(),
        schemaVersion: this.#schemaVersion,
        limits: this.#limits,
      });
    });
  }

  async verify(): Promise<VerifyReport> {
    this.#checkOpen();
    return this.#alone(async () => {
      await this.#index.settled();
      return verifyStore(this.#index.level, this.#log, this.#position, this.#findings);
    });
  }

  async purge(): Promise<void> {
    this.#checkWritable();
    return this.#purges.ask();
  }

  /** Waits for what is being written, makes the index durable, so that the next start has nothing to replay, and lets go. */
  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    const { state } = this;
    this.#setState('closed', 'the store was closed');
    this.#probe?.cancel();
    await this.#probing;
    await this.#writer.idle();
    this.#feed.close();
    await this.#checkpointing;
    await this.#whole;
    if (state === 'open' || state === 'degraded') {
      await this.#index.settled();
      await this.#writeCheckpoint().catch((error: unknown) =>
        this.#warn('no checkpoint at close; the next start replays', error),
      );
    }
    await this.#release();
  }

  async #open(): Promise<void> {
    const { path } = this.#options;
    const at = layout(path);
    this.#checkpoint = await openDirectory(path, this.#limits, this.#index, this.#log);
    const applied = (await this.#index.applied()) ?? ORIGIN;
    // When the index lost what had been durable, everything that the log still has is replayed.
    const fromSegment = applied.revision < this.#checkpoint.revision ? 0 : this.#checkpoint.segment;
    const { groups, damage } = await this.#log.open(fromSegment);
    const highWater = (await readHighWater(at.highWater)) ?? ORIGIN;
    const recovery = recover({ checkpoint: this.#checkpoint.revision, applied, highWater, groups });
    for (const group of recovery.replay) await this.#index.replay([group]);
    this.#position = recovery.position;
    if (recovery.position.revision > 0) {
      await this.#index.replay([{ firstRevision: this.revision + 1, commits: [], position: this.#position }]);
    }
    this.#log.continueAfter(this.revision);
    this.#feed = new ChangeFeed(this.#log, this.#limits, this.revision);
    this.#highWater = await HighWaterFile.open(at.highWater, this.#options.timers, (error) =>
      this.#warn('the high-water mark was not written', error),
    );
    this.#bytesSinceLook = this.#limits.reserveBytes;
    for (const { segment, offset } of damage) {
      this.#options.log.error({ segment, offset }, 'the log is damaged here; later records are intact');
    }
    await this.#remember(recovery.findings);
    const migrations = this.#options.migrations ?? MIGRATIONS;
    const access = {
      get: (key: string) => this.#index.get(key),
      range: (options: RangeOptions) => this.#index.range(options),
      write: (commit: Admitted) => this.#writer.submit(commit),
    };
    await migrate(access, migrations, this.#options.log, (step) => this.#step(step));
    this.#schemaVersion = await readSchemaVersion(access);
  }

  async #writeGroup(commits: readonly Admitted[]): Promise<readonly CommitResult[]> {
    if (this.#state === 'full' || this.#state === 'fenced') throw this.#refusal();
    if (this.#index.unindexedBytes > this.#limits.maxUnindexedBytes) await this.#index.settled();
    const revisions = await this.#checkedRevisions(commits);
    const time = new Date(this.#options.clock.now()).toISOString();
    const { encoded, results } = planGroup(commits, revisions, this.#position, time, this.#options.node);
    if (encoded === undefined) return results;
    const { frame, group } = encoded;
    const begun = this.#options.clock.monotonicMs();
    try {
      await this.#log.append(frame, group);
    } catch (error) {
      this.#failed('a write to the log failed', error);
      throw this.#refusal(error);
    }
    const syncMs = this.#options.clock.monotonicMs() - begun;
    this.#position = group.position;
    this.#index.add(group, frame.length);
    this.#feed.add(frame, group);
    this.#highWater?.set(group.position);
    this.#options.measured?.({ commits: commits.length, bytes: frame.length, syncMs });
    this.#housekeep(frame.length);
    return results;
  }

  async #checkedRevisions(commits: readonly Admitted[]): Promise<Map<string, number>> {
    const checked = new Set<string>();
    for (const { checks } of commits) for (const { key } of checks) checked.add(key);
    if (checked.size === 0) return new Map();
    const keys = [...checked];
    const found = await this.#index.revisions(keys);
    return new Map(keys.map((key, i) => [key, found[i] ?? 0]));
  }

  #housekeep(bytes: number): void {
    this.#bytesSinceCheckpoint += bytes;
    this.#bytesSinceLook += bytes;
    if (this.#bytesSinceCheckpoint >= this.#limits.checkpointBytes) {
      this.#checkpointing ??= this.#writeCheckpoint()
        .catch((error: unknown) => this.#failed('a checkpoint failed', error))
        .finally(() => (this.#checkpointing = undefined));
    }
    if (this.#bytesSinceLook >= this.#limits.reserveBytes / 8) {
      this.#bytesSinceLook = 0;
      this.#hasSpace().then(
        (space) => {
          if (!space) this.#becomeFull(`less than ${this.#limits.reserveBytes} bytes (reserveBytes) are free`);
        },
        (error: unknown) => this.#warn('free space is unknown', error),
      );
    }
  }

  /** @param turnedOver the first segment to keep, when every one before it is to go and is in the index already */
  async #writeCheckpoint(turnedOver?: number): Promise<void> {
    const { checkpoint } = layout(this.#options.path);
    this.#bytesSinceCheckpoint = 0;
    await this.#index.settled();
    // Never how far the log is: what the index does not have is durable by the log alone, which is trimmed up to here.
    const revision = this.#index.position?.revision ?? 0;
    this.#step('checkpoint.flush');
    await this.#index.flush();
    this.#step('checkpoint.mark');
    this.#checkpoint = { revision, segment: turnedOver ?? this.#log.segmentAfter(revision) };
    await replaceFile(checkpoint, JSON.stringify(this.#checkpoint));
    this.#step('checkpoint.trim');
    if (turnedOver === undefined) await this.#log.trim(revision);
    else await this.#log.removeBefore(turnedOver);
    this.#step('checkpoint.done');
  }

  /** Each step leaves a directory that opens with every commit: a segment goes only once a durable checkpoint is past it. */
  async #purge(): Promise<void> {
    this.#checkWritable();
    try {
      const segment = await this.#writer.between(() => this.#log.turnOver());
      this.#step('purge.turnedOver');
      await this.#index.settled();
      while (this.#checkpointing !== undefined) await this.#checkpointing;
      // Settling ends also when the index can no longer be written, or the store was closed.
      this.#checkWritable();
      const checkpoint = this.#writeCheckpoint(segment);
      this.#checkpointing = checkpoint.catch(() => undefined).finally(() => (this.#checkpointing = undefined));
      await checkpoint;
      this.#checkWritable();
      this.#step('purge.compact');
      await this.#index.purge();
      this.#step('purge.copies');
      await removeCopies(this.#options.path);
      this.#step('purge.done');
    } catch (error) {
      if (error instanceof OrchestratorError) throw error;
      this.#failed('a purge failed', error);
      throw this.#refusal(error);
    }
  }

  /** Runs what reads or rewrites the whole index when nothing else does: a reader would keep what a purge removes. */
  async #alone<T>(run: () => Promise<T>): Promise<T> {
    const result = this.#whole.then(run);
    this.#whole = result.catch(() => undefined);
    return result;
  }

  /** Full when there is no space, else fenced: what a failed write left on the disk is unknown, and is never tried again. */
  #failed(what: string, error: unknown): void {
    if (isFull(error)) {
      this.#becomeFull(`${what}: no space left on the device`);
      return;
    }
    const cause = error instanceof Error ? error.message : String(error);
    this.#options.log.fatal({ err: error }, `${what}; the store takes no more writes`);
    this.#setState('fenced', `${what} (${cause}). Check the disk, run "orchestrator doctor", then restart`);
    this.#writer.refuse(this.#refusal(error));
  }

  #becomeFull(why: string): void {
    if (this.#state !== 'open' && this.#state !== 'degraded') return;
    this.#setState('full', `${why}. Free space on the data directory; writes resume without a restart`);
    this.#options.log.error({ path: this.#options.path }, `the store is full: ${why}`);
    this.#writer.refuse(this.#refusal());
    this.#probe = this.#options.timers.every(this.#limits.spaceProbeMs, () => {
      this.#probing ??= this.#tryAgain().finally(() => (this.#probing = undefined));
    });
  }

  async #tryAgain(): Promise<void> {
    try {
      await this.#writer.idle();
      // Opening LevelDB again needs room for what it holds in memory; without it, reads would stop too.
      const { segmentBytes, writeBufferBytes } = this.#limits;
      if (!(await this.#hasSpace(segmentBytes + 2 * writeBufferBytes))) return;
      await this.#index.probe();
      if (this.#index.broken) {
        const from = Math.max(this.#checkpoint.revision, this.#log.firstRevision - 1);
        await this.#index.reopen(this.#log.read(from));
      }
      await this.#log.ensureSpace();
    } catch (error) {
      if (!isFull(error)) this.#failed('space came back, and writing failed', error);
      return;
    }
    if (this.#state !== 'full') return;
    this.#probe?.cancel();
    this.#setHealthy();
    this.#options.log.info({ path: this.#options.path }, 'there is space again; writes resume');
  }

  async #hasSpace(needed = 0): Promise<boolean> {
    const { bavail, bsize } = await statfs(this.#options.path);
    return bavail * bsize >= Math.max(needed, this.#limits.reserveBytes);
  }

  /** Damage stays known over restarts until a repair accepts it. */
  async #remember(found: readonly Finding[]): Promise<void> {
    const { damage } = layout(this.#options.path);
    const known = ((await readJson(damage)) as readonly Finding[] | undefined) ?? [];
    this.#findings = [...known, ...found].slice(-MAX_FINDINGS);
    if (found.length > 0) await replaceFile(damage, JSON.stringify(this.#findings, undefined, 2));
    for (const finding of found) this.#options.log.error({ advice: finding.advice }, finding.what);
    this.#setHealthy();
  }

  #setHealthy(): void {
    const [first] = this.#findings;
    if (first === undefined) this.#setState('open', undefined);
    else this.#setState('degraded', this.#findings.map(({ what, advice }) => `${what}. ${advice}`).join(' '));
  }

  #setState(state: StoreState, reason: string | undefined): void {
    this.#state = state;
    this.#stateReason = reason;
  }

  #checkOpen(): void {
    if (this.#state === 'closed') throw new OrchestratorError('unavailable', 'the store is closed');
  }

  #checkWritable(): void {
    this.#checkOpen();
    if (this.#state === 'full' || this.#state === 'fenced') throw this.#refusal();
  }

  #refusal(cause?: unknown): OrchestratorError {
    const name = this.#state === 'full' ? 'storage_full' : 'storage_fenced';
    return new OrchestratorError(name, this.#stateReason, {}, cause === undefined ? {} : { cause });
  }

  #warn(message: string, error: unknown): void {
    this.#options.log.warn({ err: error }, message);
  }

  #step(step: string): void {
    this.#options.atStep?.(step);
  }

  async #release(): Promise<void> {
    await this.#highWater?.close().catch((error: unknown) => this.#warn('the high-water mark was not synced', error));
    await this.#log.close();
    await this.#index.close();
  }
}
