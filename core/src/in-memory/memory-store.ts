import { OrchestratorError } from '@ai-orchestrator/protocol';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../host/time.js';
import { checkKey, checkWrittenKeys, compareKeys } from '../store/keys.js';
import { eventText, GENESIS, sealRecord } from '../store/record.js';
import { JOURNAL_PREFIX, journalKey } from '../store/store.js';
import type {
  Change,
  ChangeSet,
  Commit,
  CommitResult,
  Entry,
  JsonValue,
  RangeOptions,
  RangePage,
  SnapshotManifest,
  Store,
  TextEntry,
  VerifyReport,
} from '../store/store.js';
import { verifyRecords } from '../store/verify-journal.js';

/** Bounds of a store in memory. */
export const MEMORY_STORE_LIMITS = {
  /** Commits that a watcher can go back. */
  commitsKept: 100_000,
};

interface Kept {
  readonly json: string;
  readonly revision: number;
}

/** A store that forgets with its process: the whole contract but for what outlives it. Commits of one turn of the loop are applied in the next. */
export class MemoryStore implements Store {
  readonly state = 'open';
  readonly stateReason = undefined;
  revision = 0;
  journalHead: { readonly sequence: number; readonly hash: string } = { sequence: 0, hash: GENESIS };
  /** In the order of {@link compareKeys}. */
  readonly #keys: string[] = [];
  readonly #kept = new Map<string, Kept>();
  #history: ChangeSet[] = [];
  #waiting: (() => void)[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(
    private readonly clock: Pick<Clock, 'now'>,
    private readonly limits = MEMORY_STORE_LIMITS,
  ) {}

  async get(key: string): Promise<Entry | undefined> {
    checkKey(key);
    await nextTurn();
    return this.#entry(key);
  }

  async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    keys.forEach(checkKey);
    await nextTurn();
    return keys.map((key) => this.#entry(key));
  }

  async getTexts(keys: readonly string[]): Promise<readonly (TextEntry | undefined)[]> {
    keys.forEach(checkKey);
    await nextTurn();
    return keys.map((key) => {
      const kept = this.#kept.get(key);
      return kept && { key, text: kept.json, revision: kept.revision };
    });
  }

  async range({ from, to, limit = 100, reverse = false }: RangeOptions): Promise<RangePage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > 1000) {
      throw new OrchestratorError('invalid_params', `a range's limit is 1 to 1,000, not ${limit}`);
    }
    await nextTurn();
    const start = this.#place(from);
    const end = Math.max(start, this.#place(to));
    const keys = reverse
      ? this.#keys.slice(Math.max(start, end - limit), end).reverse()
      : this.#keys.slice(start, Math.min(end, start + limit));
    const entries = keys.flatMap((key) => this.#entry(key) ?? []);
    if (end - start <= limit) return { entries };
    // In reverse the bound that goes on is exclusive: the last key that was answered.
    return { entries, next: (reverse ? keys.at(-1) : this.#keys[start + limit]) ?? from };
  }

  async commit(commit: Commit): Promise<CommitResult> {
    for (const { key } of commit.checks ?? []) checkKey(key);
    const puts = (commit.puts ?? []).map((put) => ({
      key: put.key,
      json: 'text' in put ? put.text : jsonOf(put.key, put.value),
    }));
    checkWrittenKeys([...puts.map(({ key }) => key), ...(commit.deletes ?? [])]);
    if (this.#waiting.length === 0) {
      setImmediate(() => {
        for (const apply of this.#waiting.splice(0)) apply();
        for (const wake of [...this.#watchers]) wake();
      });
    }
    return new Promise((resolve) => this.#waiting.push(() => resolve(this.#apply(commit, puts))));
  }

  async *watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncIterable<ChangeSet> {
    let after = afterRevision;
    while (!signal.aborted) {
      const first = this.#history[0]?.revision ?? this.revision + 1;
      if (after + 1 < first) throw new OrchestratorError('cursor_expired', `commits before ${first} are forgotten`);
      const set = this.#history[after + 1 - first];
      if (set === undefined) await this.#news(signal);
      else {
        after = set.revision;
        const changes = set.changes.filter(({ key }) => key.startsWith(prefix));
        if (changes.length > 0) yield { revision: set.revision, changes };
      }
    }
  }

  async snapshot(directory: string): Promise<SnapshotManifest> {
    await mkdir(directory);
    const manifest: SnapshotManifest = {
      createdAt: new Date(this.clock.now()).toISOString(),
      schemaVersion: 1,
      revision: this.revision,
      journal: this.journalHead,
      files: [],
    };
    await writeFile(join(directory, 'manifest.json'), JSON.stringify(manifest));
    return manifest;
  }

  async verify(): Promise<VerifyReport> {
    const records = this.#keys.filter((key) => key.startsWith(JOURNAL_PREFIX));
    const verdict = await verifyRecords(
      records.map((key) => this.#kept.get(key)?.json ?? ''),
      this.journalHead,
    );
    return {
      healthy: verdict.valid,
      entries: this.#keys.length - records.length,
      journalRecords: records.length,
      findings: verdict.valid ? [] : [{ what: 'the journal does not verify', advice: 'start with a new store' }],
    };
  }

  async purge(): Promise<void> {
    await nextTurn();
    // There are no files; the changes that watchers could go back to are where deleted values still are.
    this.#history = [];
  }

  /** What is in it now under a prefix. */
  entries(prefix = ''): Entry[] {
    return this.#keys.filter((key) => key.startsWith(prefix)).flatMap((key) => this.#entry(key) ?? []);
  }

  /** Forgets the oldest journal records, as retention does. */
  forgetJournal(throughSequence: number): void {
    for (let sequence = 1; sequence <= throughSequence; sequence++) this.#forget(journalKey(sequence));
  }

  #forget(key: string): void {
    if (this.#kept.delete(key)) this.#keys.splice(this.#place(key), 1);
  }

  #entry(key: string): Entry | undefined {
    const kept = this.#kept.get(key);
    return kept && { key, value: JSON.parse(kept.json) as JsonValue, revision: kept.revision };
  }

  /** Where a key is in the order, or would be. */
  #place(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle] ?? '', key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #apply(commit: Commit, puts: readonly { readonly key: string; readonly json: string }[]): CommitResult {
    for (const { key, revision } of commit.checks ?? []) {
      const found = this.#kept.get(key)?.revision ?? 0;
      if (found !== revision) return { committed: false, conflict: { key, revision: found } };
    }
    const revision = ++this.revision;
    const changes: Change[] = [];
    const put = (key: string, json: string): void => {
      if (!this.#kept.has(key)) this.#keys.splice(this.#place(key), 0, key);
      this.#kept.set(key, { json, revision });
      changes.push({ type: 'put', key, value: JSON.parse(json) as JsonValue, revision });
    };
    for (const { key, json } of puts) put(key, json);
    for (const key of commit.deletes ?? []) {
      this.#forget(key);
      changes.push({ type: 'delete', key, revision });
    }
    const time = new Date(this.clock.now()).toISOString();
    for (const draft of commit.events ?? []) {
      const { sequence, hash } = this.journalHead;
      const sealed = sealRecord(eventText(draft), sequence + 1, time, 'in-memory', hash);
      put(journalKey(sealed.sequence), sealed.text);
      this.journalHead = { sequence: sealed.sequence, hash: sealed.hash };
    }
    this.#history.push({ revision, changes });
    // Half at a time, so that forgetting costs little a commit.
    if (this.#history.length > this.limits.commitsKept)
      this.#history = this.#history.slice(this.limits.commitsKept / 2);
    return { committed: true, revision, sequence: commit.events?.length ? this.journalHead.sequence : 0 };
  }

  async #news(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#watchers.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#watchers.add(done);
      signal.addEventListener('abort', done);
    });
  }
}

function jsonOf(key: string, value: JsonValue): string {
  // Callers without a type checker may hand in undefined or a function, for which there is no JSON.
  const json: unknown = JSON.stringify(value);
  if (typeof json === 'string') return json;
  throw new OrchestratorError('invalid_params', `the value of "${key}" is not JSON`, { key });
}
