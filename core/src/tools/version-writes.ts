import { commitEffect } from '../store/commit-effect.js';
import type { EventDraft } from '../store/record.js';
import type { Commit, JsonValue, Store } from '../store/store.js';
import { versionKey, type StoredVersion } from './stored-version.js';
import type { ToolRecords } from './tool-records.js';

/** One version as it is to be stored, and the records about it. */
export interface VersionWrite {
  readonly name: string;
  readonly version: string;
  /** `undefined`: nothing is left of it. */
  readonly next: StoredVersion | undefined;
  readonly events: readonly EventDraft[];
}

/** Characters of versions, as JSON, in one commit. */
const COMMIT_CHARACTERS = 1_048_576;

/** Writes versions to the store, and takes in memory what was written. */
export class VersionWrites {
  constructor(
    private readonly store: Store,
    private readonly records: ToolRecords,
  ) {}

  /** What stores versions, if nobody has changed them meanwhile. */
  commitOf(writes: readonly VersionWrite[], events: readonly EventDraft[] = []): Commit {
    const entries = writes.map(({ name, version, next }) => ({
      key: versionKey(name, version),
      revision: this.records.get(name, version)?.revision ?? 0,
      next,
    }));
    return {
      checks: entries.map(({ key, revision }) => ({ key, revision })),
      puts: entries.flatMap(({ key, next }) =>
        next === undefined ? [] : [{ key, value: next as unknown as JsonValue }],
      ),
      deletes: entries.flatMap(({ key, next }) => (next === undefined ? [key] : [])),
      events: [...writes.flatMap((write) => write.events), ...events],
    };
  }

  /** Takes in what was committed. */
  apply(writes: readonly VersionWrite[], revision: number): void {
    for (const { name, version, next } of writes) {
      if (next !== undefined) {
        this.records.put(name, version, next, revision);
        continue;
      }
      const gone = this.records.get(name, version);
      if (gone !== undefined) this.records.delete(gone);
    }
    if (writes.length > 0) this.records.changed();
  }

  /** Definitions are large and a commit is bounded; a part that is committed is true by itself. */
  async commitInParts(writes: readonly VersionWrite[], events: readonly EventDraft[]): Promise<void> {
    let part: VersionWrite[] = [];
    let characters = 0;
    const commit = async (more: readonly EventDraft[]): Promise<void> => {
      if (part.length + more.length === 0) return;
      const committed = part;
      part = [];
      characters = 0;
      this.apply(committed, await commitEffect(this.store, this.commitOf(committed, more)));
    };
    for (const write of writes) {
      part.push(write);
      characters += JSON.stringify(write.next ?? null).length;
      if (characters >= COMMIT_CHARACTERS) await commit([]);
    }
    await commit(events);
  }
}
