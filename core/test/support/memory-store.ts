import { OrchestratorError } from '@ai-orchestrator/protocol';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GENESIS, sealRecord } from '../../src/store/record.js';
import { journalKey } from '../../src/store/store.js';
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
} from '../../src/store/store.js';

/** A store that forgets at the end of the test: real compare-and-set, real journal records, commits that take a turn of the loop. */
export class MemoryStore implements Store {
  readonly state = 'open';
  readonly stateReason = undefined;
  revision = 0;
  journalHead: { readonly sequence: number; readonly hash: string } = { sequence: 0, hash: GENESIS };
  /** Commits so far. */
  commits = 0;
  readonly #entries = new Map<string, TextEntry>();
  readonly #history: ChangeSet[] = [];
  #turn: Promise<unknown> = Promise.resolve();

  async get(key: string): Promise<Entry | undefined> {
    await nextTurn();
    return parsed(this.#entries.get(key));
  }

  async getMany(keys: readonly string[]): Promise<readonly (Entry | undefined)[]> {
    await nextTurn();
    return keys.map((key) => parsed(this.#entries.get(key)));
  }

  async getTexts(keys: readonly string[]): Promise<readonly (TextEntry | undefined)[]> {
    await nextTurn();
    return keys.map((key) => this.#entries.get(key));
  }

  async range({ from, to, limit = 100, reverse = false }: RangeOptions): Promise<RangePage> {
    await nextTurn();
    const keys = [...this.#entries.keys()].filter((key) => key >= from && key < to).sort();
    if (reverse) keys.reverse();
    const entries = keys.slice(0, limit).flatMap((key) => parsed(this.#entries.get(key)) ?? []);
    const following = keys[limit];
    if (following === undefined) return { entries };
    return { entries, next: reverse ? (keys[limit - 1] ?? from) : following };
  }

  commit(commit: Commit): Promise<CommitResult> {
    const result = this.#turn.then(async () => {
      await nextTurn();
      return this.#apply(commit);
    });
    this.#turn = result;
    return result;
  }

  async *watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncIterable<ChangeSet> {
    let after = afterRevision;
    while (!signal.aborted) {
      const next = this.#history.find((set) => set.revision > after);
      if (next === undefined) {
        await nextTurn();
        continue;
      }
      after = next.revision;
      const changes = next.changes.filter((change) => change.key.startsWith(prefix));
      if (changes.length > 0) yield { revision: next.revision, changes };
    }
  }

  /** Forgets the oldest journal records, as retention does. */
  forgetJournal(throughSequence: number): void {
    for (let sequence = 1; sequence <= throughSequence; sequence++) this.#entries.delete(journalKey(sequence));
  }

  /** What the journal says, in short. */
  journal(): string[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.key.startsWith('journal/'))
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .map(({ text }) => JSON.parse(text) as { action: string; resource: string; principal: string; outcome: string })
      .map(({ action, resource, principal, outcome }) => [action, resource, principal, outcome].join(' '));
  }

  snapshot(): Promise<SnapshotManifest> {
    throw new OrchestratorError('unavailable', 'nothing of this store outlives the process');
  }

  verify(): Promise<VerifyReport> {
    throw new OrchestratorError('unavailable', 'nothing of this store outlives the process');
  }

  /** Nothing deleted is anywhere: there are no files. */
  async purge(): Promise<void> {
    await nextTurn();
  }

  #apply(commit: Commit): CommitResult {
    for (const { key, revision } of commit.checks ?? []) {
      const found = this.#entries.get(key)?.revision ?? 0;
      if (found !== revision) return { committed: false, conflict: { key, revision: found } };
    }
    const revision = ++this.revision;
    const changes: Change[] = [];
    const put = (key: string, text: string): void => {
      this.#entries.set(key, { key, text, revision });
      changes.push({ type: 'put', key, value: JSON.parse(text) as JsonValue, revision });
    };
    for (const each of commit.puts ?? []) put(each.key, 'text' in each ? each.text : JSON.stringify(each.value));
    for (const key of commit.deletes ?? []) {
      this.#entries.delete(key);
      changes.push({ type: 'delete', key, revision });
    }
    for (const draft of commit.events ?? []) {
      const { sequence, hash } = this.journalHead;
      const sealed = sealRecord(draft, sequence + 1, '2026-01-01T00:00:00.000Z', 'test', hash);
      put(journalKey(sealed.sequence), sealed.text);
      this.journalHead = { sequence: sealed.sequence, hash: sealed.hash };
    }
    this.#history.push({ revision, changes });
    this.commits++;
    return { committed: true, revision, sequence: commit.events?.length ? this.journalHead.sequence : 0 };
  }
}

function parsed(entry: TextEntry | undefined): Entry | undefined {
  if (entry === undefined) return undefined;
  const { key, text, revision } = entry;
  return { key, value: JSON.parse(text) as JsonValue, revision };
}
