import type {
  Commit,
  CommitResult,
  Entry,
  EventDraft,
  JsonValue,
  RangeOptions,
  RangePage,
  Store,
} from '@ai-orchestrator/core/plugin';

/** As much of a store as keys need, whose next commit can be made to fail as a power cut would: before or after it is durable. */
export class MemoryStore implements Pick<Store, 'get' | 'range' | 'commit'> {
  readonly entries = new Map<string, Entry>();
  readonly events: EventDraft[] = [];
  revision = 0;
  cut: 'before' | 'after' | undefined;

  get(key: string): Promise<Entry | undefined> {
    return Promise.resolve(this.entries.get(key));
  }

  range({ from, to, limit = 100 }: RangeOptions): Promise<RangePage> {
    const keys = [...this.entries.keys()].filter((key) => key >= from && key < to).sort();
    const page = keys.slice(0, limit).flatMap((key) => this.entries.get(key) ?? []);
    const next = keys[limit];
    return Promise.resolve({ entries: page, ...(next !== undefined && { next }) });
  }

  async commit({ checks = [], puts = [], deletes = [], events = [] }: Commit): Promise<CommitResult> {
    await Promise.resolve();
    if (this.cut === 'before') throw new Error('power cut');
    for (const { key, revision } of checks) {
      const found = this.entries.get(key)?.revision ?? 0;
      if (found !== revision) return { committed: false, conflict: { key, revision: found } };
    }
    this.revision++;
    for (const put of puts) {
      const { key } = put;
      const copy = JSON.parse('text' in put ? put.text : JSON.stringify(put.value)) as JsonValue;
      this.entries.set(key, { key, value: copy, revision: this.revision });
    }
    for (const key of deletes) this.entries.delete(key);
    this.events.push(...events);
    if (this.cut === 'after') throw new Error('power cut');
    return { committed: true, revision: this.revision, sequence: this.events.length };
  }

  /** Everything in it as one text, to look for secrets in. */
  dump(): string {
    return JSON.stringify([[...this.entries.values()], this.events]);
  }
}
