import {
  compareKeys,
  type Entry,
  type RangeOptions,
  type RangePage,
  type TextEntry,
  type Timer,
  type Timers,
} from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { liveTables } from './check-tables.js';
import type { Group, Position, Write } from './frame.js';
import { Level } from './level.js';
import { damaged } from './level-error.js';
import type { LevelLimits } from './limits.js';
import { nextTurn } from './next-turn.js';
import { entryOf, openStored, revisionIn, storedValue, textEntryOf } from './stored-value.js';
import { firstKey, isTable, valueFiles } from './table-files.js';
import { writesWithin } from './writes-within.js';

/** Where the index says how far it is; written in the same batch as what it speaks of. */
export const APPLIED_KEY = '!applied';
/** Never written; deleting it shows whether LevelDB still takes writes. */
const PROBE_KEY = '!probe';
/** No key sorts after it: the longest there may be. */
const LAST_KEY = '\u{10ffff}'.repeat(256);
/** Keys that a purge writes again in one batch. */
const KEYS_AT_ONCE = 16;
/** How often a purge looks again for files that readers had open, and how long it waits in between. */
const PURGE_ATTEMPTS = 100;
const PURGE_WAIT_MS = 50;
/** The page of a range unless its caller says otherwise. */
const DEFAULT_PAGE = 100;
const MAX_PAGE = 1000;
/** Writes that come into a batch in one turn of the event loop; about half a millisecond. */
const WRITES_A_TURN = 256;

/** What waits to be written to LevelDB in one batch: of each key the latest write, as many a value of a queue never comes to LevelDB at all. */
class Pending {
  readonly writes = new Map<string, Write>();
  bytes = 0;
  /** How far the log is with them. */
  position: Position | undefined;

  add({ commits, position }: Group, bytes: number): void {
    for (const writes of commits) for (const write of writes) this.writes.set(write.key, write);
    this.bytes += bytes;
    this.position = position;
  }

  /** These first, then what came later. */
  then(later: Pending): this {
    for (const write of later.writes.values()) this.writes.set(write.key, write);
    this.bytes += later.bytes;
    this.position = later.position ?? this.position;
    return this;
  }
}

/**
 * LevelDB as the log's index: every key's current value. It is written without syncs, behind the log; what it does not have yet is
 * answered from memory, so that a read sees every durable commit at once.
 */
export class LevelIndex {
  readonly #path: string;
  readonly #limits: LevelLimits;
  readonly #timers: Timers;
  readonly #failed: (error: unknown) => void;
  #opened: Level | undefined;
  #pending = new Pending();
  /** What is just being written to LevelDB; {@link #pending} is newer. */
  #writing: Pending | undefined;
  /**
   * What was written to LevelDB last, unless it is twice {@link LevelLimits.indexBatchBytes}: who checks and writes the same keys again and
   * again would else read them from LevelDB after each batch, while a group waits.
   */
  #written: Pending | undefined;
  #position: Position | undefined;
  #lastAdded = 0;
  #timer: Timer | undefined;
  #applying: Promise<void> | undefined;
  #batch: Promise<void> = Promise.resolve();
  readonly #reads = new Set<Promise<unknown>>();
  #reopening: Promise<void> | undefined;
  #broken: { readonly error: unknown } | undefined;

  /** @param failed told once when LevelDB refuses a write; {@link LevelIndex.reopen} makes it work again */
  constructor(path: string, limits: LevelLimits, timers: Timers, failed: (error: unknown) => void) {
    this.#path = path;
    this.#limits = limits;
    this.#timers = timers;
    this.#failed = failed;
  }

  /** Bytes that wait to be written to LevelDB. */
  get unindexedBytes(): number {
    return this.#pending.bytes + (this.#writing?.bytes ?? 0);
  }

  /** How far LevelDB is, from what was replayed at open on; undefined while it has nothing. */
  get position(): Position | undefined {
    return this.#position;
  }

  /** Whether LevelDB refused a write and must be reopened. */
  get broken(): boolean {
    return this.#broken !== undefined;
  }

  /** LevelDB itself, for reading everything. */
  get level(): Level {
    return this.#db;
  }

  get #db(): Level {
    if (this.#opened === undefined) throw new Error('the index is not open');
    return this.#opened;
  }

  /** @throws Error of classic-level, with `LEVEL_LOCKED`, `LEVEL_CORRUPTION` or `LEVEL_IO_ERROR` as the code of its cause */
  async open({ create }: { readonly create: boolean }): Promise<void> {
    // Never `create` over what should be there: LevelDB would begin anew and delete every table.
    this.#opened = this.#level(create);
    await this.#opened.open();
  }

  /** How far the index is; undefined in a new one. */
  async applied(): Promise<Position | undefined> {
    const stored = await this.#reading(() => this.#db.get(APPLIED_KEY));
    return stored === undefined ? undefined : (JSON.parse(openStored(APPLIED_KEY, stored).json) as Position);
  }

  /** Takes a durable group; it is readable at once. */
  add(group: Group, bytes: number): void {
    this.#pending.add(group, bytes);
    this.#lastAdded = group.position.revision;
    if (this.#pending.bytes >= this.#limits.indexBatchBytes) this.#start();
    else this.#timer ??= this.#timers.after(this.#limits.indexDelayMs, () => this.#start());
  }

  /** Resolves once all that was added before is in LevelDB, or cannot be for now. */
  async settled(): Promise<void> {
    const target = this.#lastAdded;
    this.#start();
    while (this.#applying !== undefined && (this.#position?.revision ?? 0) < target) await this.#batch;
  }

  /** Writes what waits, and finds out whether LevelDB still takes writes: a compaction that failed says so to the next write alone. */
  async probe(): Promise<void> {
    await this.settled();
    if (this.#broken !== undefined) return;
    await this.#db.del(PROBE_KEY).catch((error: unknown) => (this.#broken = { error }));
  }

  /** Makes everything that is in LevelDB durable: a flushed memtable is a synced table. @throws Error when a table was not synced */
  async flush(): Promise<void> {
    await this.#db.compactRange('\u{10ffff}', '\u{10ffff}');
    // A compaction does not say that it failed; the next write does.
    await this.#db.del(PROBE_KEY);
  }

  /**
   * Rewrites every file, so that no value is left in one that was deleted or replaced before. LevelDB drops such a value only when it merges
   * the table that has it with one above; so a key of every table is written again, as it is, and then everything is compacted.
   *
   * @throws OrchestratorError `unavailable` when readers hold old files for too long; Error when LevelDB could not write
   */
  async purge(): Promise<void> {
    // What a read that began before may still see, no merge drops; a merge that is going on ends with the flush.
    await this.#earlierReads();
    let old = await valueFiles(this.#path);
    await this.flush();
    old = [...old.filter((name) => !isTable(name)), ...(await valueFiles(this.#path)).filter(isTable)];
    for (let attempt = 0; attempt < PURGE_ATTEMPTS; attempt++) {
      if (attempt > 0) await new Promise<void>((resolve) => this.#timers.after(PURGE_WAIT_MS, resolve));
      const live = liveTables(this.#db);
      const tables = old.filter((name) => isTable(name) && live.has(Number.parseInt(name, 10)));
      if (tables.length > 0) {
        await this.#writeAgain(tables);
        // Twice: what a merge of LevelDB's own had in hand at the beginning of the first is met by the second.
        await this.#db.compactRange('', LAST_KEY);
        await this.#db.compactRange('', LAST_KEY);
      }
      // Also what removes the files that were given up, once no reader has them open.
      await this.flush();
      const left = new Set(await valueFiles(this.#path));
      old = old.filter((name) => left.has(name));
      if (old.length === 0) {
        // Beside what was written there may be what was erased.
        this.#written = undefined;
        return;
      }
    }
    throw new OrchestratorError('unavailable', `readers still use ${old.join(', ')} of the index; purge again`);
  }

  async #writeAgain(tables: readonly string[]): Promise<void> {
    for (let from = 0; from < tables.length; from += KEYS_AT_ONCE) {
      const found = await Promise.all(
        tables.slice(from, from + KEYS_AT_ONCE).map((name) => firstKey(this.#path, name)),
      );
      const keys = [...new Set(found.filter((key) => key !== undefined))];
      // Nothing else may write between reading a value and writing it again.
      await this.#exclusively(async () => {
        const stored = await this.#db.getMany(keys);
        const batch = this.#db.batch();
        for (const [i, key] of keys.entries()) {
          const value = stored[i];
          if (value === undefined) batch.del(key);
          else batch.put(key, value);
        }
        await batch.write();
      });
    }
  }

  async get(key: string): Promise<Entry | undefined> {
    const over = this.#inMemory(key);
    const stored = over === undefined ? await this.#reading(() => this.#db.get(key)) : over.stored;
    return stored === undefined ? undefined : entryOf(key, stored);
  }

  async getMany(keys: readonly string[]): Promise<(Entry | undefined)[]> {
    return (await this.#storedMany(keys)).map((stored, i) =>
      stored === undefined ? undefined : entryOf(keys[i] ?? '', stored),
    );
  }

  async getTexts(keys: readonly string[]): Promise<(TextEntry | undefined)[]> {
    return (await this.#storedMany(keys)).map((stored, i) =>
      stored === undefined ? undefined : textEntryOf(keys[i] ?? '', stored),
    );
  }

  /** The revision of each key; 0 where there is none. */
  async revisions(keys: readonly string[]): Promise<number[]> {
    const found = keys.map((key) => revisionOf(this.#inMemory(key)));
    const absent = keys.filter((_, i) => found[i] === undefined);
    const read = absent.length === 0 ? [] : await this.#reading(() => this.#db.getMany(absent));
    let next = 0;
    return found.map((revision, i) => {
      if (revision !== undefined) return revision;
      const stored = read[next++];
      return stored === undefined ? 0 : revisionIn(keys[i] ?? '', stored);
    });
  }

  async range({ from, to, limit = DEFAULT_PAGE, reverse = false }: RangeOptions): Promise<RangePage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) {
      throw new OrchestratorError('invalid_params', `limit must be 1 to ${MAX_PAGE}, not ${limit}`);
    }
    if (compareKeys(from, to) >= 0) return { entries: [] };
    const rows = await this.#reading(async () => {
      // LevelDB's part is a snapshot that the iterator takes here, in the same turn as the part that is only in memory.
      const over = writesWithin(this.#writing?.writes, this.#pending.writes, { from, to, reverse }, limit);
      const stored = this.#db.iterator({ gte: from, lt: to, reverse });
      try {
        const found = await rowsBut(over, stored, limit + 1);
        if (over.size === 0) return found;
        for (const { key, stored } of over.values()) if (stored !== undefined) found.push([key, stored]);
        return found.sort(([a], [b]) => (reverse ? compareKeys(b, a) : compareKeys(a, b)));
      } finally {
        await stored.close();
      }
    });
    const page = rows.slice(0, limit);
    const entries = page.map(([key, stored]) => entryOf(key, stored));
    if (rows.length <= limit) return { entries };
    // In reverse the next page's exclusive end is the last key given; forwards its inclusive start is the first key not given.
    const next = reverse ? page.at(-1)?.[0] : rows[limit]?.[0];
    return next === undefined ? { entries } : { entries, next };
  }

  /**
   * Closes LevelDB and opens it again, because it writes nothing more after a failed write; then writes `replay` and what waits. Reads wait
   * meanwhile.
   */
  async reopen(replay: AsyncIterable<Group>): Promise<void> {
    this.#reopening = this.#openAgain();
    try {
      await this.#reopening;
    } finally {
      this.#reopening = undefined;
    }
    for await (const group of replay) await this.#write(writesOf([group]), group.position);
    this.#broken = undefined;
    await this.settled();
    const broken = this.#broken as { readonly error: unknown } | undefined;
    if (broken !== undefined) throw broken.error;
  }

  /** Writes groups straight to LevelDB, for the replay at start. */
  async replay(groups: readonly Group[]): Promise<void> {
    const position = groups.at(-1)?.position;
    await this.#write(writesOf(groups), position);
    this.#position = position;
  }

  async close(): Promise<void> {
    await this.settled();
    await this.#opened?.close();
  }

  async #openAgain(): Promise<void> {
    await this.#earlierReads();
    this.#written = undefined;
    await this.#db.close();
    await this.open({ create: false });
  }

  async #reading<T>(read: () => Promise<T>): Promise<T> {
    while (this.#reopening !== undefined) await this.#reopening;
    const running = read();
    this.#reads.add(running);
    try {
      return await running;
    } catch (error) {
      throw damaged(error);
    } finally {
      this.#reads.delete(running);
    }
  }

  /** Resolves once every read that is under way is over. */
  async #earlierReads(): Promise<void> {
    await Promise.allSettled(this.#reads);
  }

  #start(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#broken === undefined && this.#pending.position !== undefined) this.#applying ??= this.#apply();
  }

  /** Runs while no group is being written to LevelDB; those that come meanwhile wait. */
  async #exclusively(run: () => Promise<void>): Promise<void> {
    while (this.#applying !== undefined) await this.#applying;
    const running = run();
    this.#batch = running.catch(() => undefined);
    this.#applying = this.#batch.then(() => {
      this.#applying = undefined;
      this.#start();
    });
    await running;
  }

  async #apply(): Promise<void> {
    // In a later turn, so that whoever waits for the commit goes first.
    await Promise.resolve();
    while (this.#pending.position !== undefined) {
      const taken = this.#pending;
      this.#pending = new Pending();
      this.#writing = taken;
      try {
        const batch = this.#write(taken.writes.values(), taken.position);
        // Whoever waits for this batch learns from `broken` that it failed.
        this.#batch = batch.catch(() => undefined);
        await batch;
        this.#position = taken.position;
        // What waited for long is no more than its memory would be worth.
        this.#written = taken.bytes <= 2 * this.#limits.indexBatchBytes ? taken : undefined;
      } catch (error) {
        this.#pending = taken.then(this.#pending);
        this.#broken = { error };
        this.#applying = undefined;
        this.#failed(error);
        return;
      } finally {
        this.#writing = undefined;
      }
    }
    this.#applying = undefined;
  }

  /** Writes how far the log is besides, in the same batch. Nobody waits for it, so that whoever waits for the event loop goes first. */
  async #write(writes: Iterable<Write>, position: Position | undefined): Promise<void> {
    const batch = this.#db.batch();
    let left = WRITES_A_TURN;
    for (const { key, stored } of writes) {
      if (left-- === 0) {
        await nextTurn();
        left = WRITES_A_TURN - 1;
      }
      if (stored === undefined) batch.del(key);
      else batch.put(key, stored);
    }
    if (position !== undefined) {
      batch.put(APPLIED_KEY, storedValue(APPLIED_KEY, position.revision, JSON.stringify(position)));
    }
    await batch.write();
  }

  /** The latest write of a key that is still in memory; every one that is not in LevelDB yet is. */
  #inMemory(key: string): Write | undefined {
    return this.#pending.writes.get(key) ?? this.#writing?.writes.get(key) ?? this.#written?.writes.get(key);
  }

  async #storedMany(keys: readonly string[]): Promise<(Buffer | undefined)[]> {
    const found = keys.map((key) => this.#inMemory(key));
    const absent = keys.filter((_, i) => found[i] === undefined);
    if (absent.length === 0) return found.map((over) => over?.stored);
    const read = await this.#reading(() => this.#db.getMany(absent));
    let next = 0;
    return found.map((over) => (over === undefined ? read[next++] : over.stored));
  }

  #level(createIfMissing: boolean): Level {
    // It opens itself in the next turn, so that it is made when it is to be opened and not before.
    return new Level<string, Buffer>(this.#path, {
      valueEncoding: 'buffer',
      createIfMissing,
      cacheSize: this.#limits.cacheBytes,
      writeBufferSize: this.#limits.writeBufferBytes,
      maxOpenFiles: this.#limits.maxOpenFiles,
    });
  }
}

/** The first rows whose keys have no newer write, as many as are wanted or a few more. */
async function rowsBut(
  over: ReadonlyMap<string, Write>,
  stored: { nextv: (size: number) => Promise<[string, Buffer][]> },
  wanted: number,
): Promise<[string, Buffer][]> {
  let rows: [string, Buffer][] = [];
  while (rows.length < wanted) {
    const some = await stored.nextv(Math.min(wanted - rows.length + over.size, MAX_PAGE + 1));
    if (some.length === 0) break;
    if (over.size === 0 && rows.length === 0) rows = some;
    else for (const row of some) if (!over.has(row[0])) rows.push(row);
  }
  return rows;
}

function* writesOf(groups: readonly Group[]): Generator<Write> {
  for (const { commits } of groups) for (const writes of commits) yield* writes;
}

/** 0 when it deletes its key. */
function revisionOf(write: Write | undefined): number | undefined {
  return write?.isDelete ? 0 : write?.revision;
}
