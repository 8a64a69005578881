import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Commit, CommitResult, Entry, RangeOptions, RangePage } from '../../src/store/store.js';
import type { LaneEntry } from '../../src/lanes/lane-entry.js';
import type { Return } from '../../src/lanes/lane-change.js';
import type { LaneLimits } from '../../src/lanes/lane-limits.js';
import { Lanes } from '../../src/lanes/lanes.js';
import { ManualTime, settled } from '../support/manual-time.js';
import { MemoryStore } from '../support/memory-store.js';

const NEVER = new Promise<CommitResult>(() => undefined);

/** A store whose power can be cut: what was not on disk then never is, and nobody hears of it. */
class CutStore extends MemoryStore {
  /** Commits that are refused from now on, as on a full disk. */
  refusals = 0;

  constructor(private readonly disk: MemoryStore) {
    super();
  }

  cut = false;
  #last: Promise<unknown> = Promise.resolve();

  override get(key: string): Promise<Entry | undefined> {
    return this.disk.get(key);
  }

  override range(options: RangeOptions): Promise<RangePage> {
    return this.disk.range(options);
  }

  override async commit(commit: Commit): Promise<CommitResult> {
    if (this.refusals > 0) {
      this.refusals--;
      throw new OrchestratorError('storage_full');
    }
    const mine = this.#last.then(() => (this.cut ? NEVER : this.disk.commit(commit)));
    this.#last = mine;
    const result = await mine;
    // The power may go after the commit and before anybody hears of it.
    return this.cut ? NEVER : result;
  }
}

/** Lanes on a store in memory, with a time that the test moves and a power that it can cut. */
export class LaneWorld {
  readonly time = new ManualTime();
  readonly disk = new MemoryStore();
  readonly ready: string[] = [];
  readonly over: string[] = [];
  readonly errors: unknown[] = [];
  /** Whether what is over is settled, as its user has to. */
  settlesOver = true;
  store = new CutStore(this.disk);
  lanes: Lanes;
  #stop: () => Promise<void> = () => Promise.resolve();

  private constructor(private readonly limits: Partial<LaneLimits>) {
    this.lanes = this.#make();
  }

  static async start(limits: Partial<LaneLimits> = {}): Promise<LaneWorld> {
    const world = new LaneWorld(limits);
    world.#stop = await world.lanes.start();
    return world;
  }

  /** Ends this run, without a word to anybody, and begins the next. */
  async restart(): Promise<void> {
    this.store.cut = true;
    await this.#stop();
    // Whatever had reached the disk is on it.
    await this.disk.commit({});
    this.store = new CutStore(this.disk);
    this.lanes = this.#make();
    this.#stop = await this.lanes.start();
  }

  async add(id: string, options: { lane?: string; priority?: number; bytes?: number; [member: string]: unknown } = {}) {
    const { lane = 'a', priority = 4, bytes = 10, ...rest } = options;
    return this.lanes.run(
      (change) => change.add(lane, { id, priority, bytes, ...rest }),
      async (writes, entry) => {
        await this.#commit(writes);
        return entry;
      },
    );
  }

  /** Puts an item in and claims whose turn it is, as a send to a recipient with room does. */
  async addAndClaim(id: string): Promise<LaneEntry | undefined> {
    return this.lanes.run(
      (change) => {
        change.add('a', { id, priority: 4, bytes: 10 });
        return change.claim('a');
      },
      async (writes, entry) => {
        await this.#commit(writes);
        return entry;
      },
    );
  }

  async claim(lane = 'a'): Promise<LaneEntry | undefined> {
    return this.lanes.run(
      (change) => change.claim(lane),
      async (writes, entry) => {
        if (entry !== undefined) await this.#commit(writes);
        return entry;
      },
    );
  }

  /** Everything that can be claimed now, in order, as `id#attempt`. */
  async claimAll(lane = 'a'): Promise<string[]> {
    const claimed: string[] = [];
    await settled();
    for (let idle = 0; idle < 2;) {
      const entry = await this.claim(lane);
      if (entry === undefined) {
        idle++;
        await settled();
        await settled();
      } else {
        idle = 0;
        claimed.push(`${entry.id}#${String(entry.attempt)}`);
      }
    }
    return claimed;
  }

  async settle(entry: LaneEntry): Promise<void> {
    await this.lanes.run(
      (change) => {
        change.settle(entry);
      },
      (writes) => this.#commit(writes),
    );
  }

  async release(entry: LaneEntry, notBefore?: number, how?: Return): Promise<void> {
    await this.lanes.run(
      (change) => {
        change.release(entry, notBefore, how);
      },
      (writes) => this.#commit(writes),
    );
  }

  /** What is on disk of the lanes. */
  async onDisk(): Promise<string[]> {
    const { entries } = await this.disk.range({ from: 'q', to: 'r', limit: 1000 });
    return entries.map(({ key, value }) => `${key} ${JSON.stringify(value)}`);
  }

  async #commit(commit: Commit): Promise<void> {
    await this.store.commit(commit);
  }

  #make(): Lanes {
    const { store } = this;
    return new Lanes(
      'q',
      store,
      this.time,
      this.time,
      {
        ready: (lane) => void this.ready.push(lane),
        over: async (entry, why) => {
          this.over.push(`${entry.id} ${why}`);
          if (this.settlesOver) await this.settle(entry);
        },
        failed: (error) => void this.errors.push(error),
      },
      this.limits,
    );
  }
}
