import type { Change, ChangeSet, JsonValue } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Group, Write } from './frame.js';
import type { LevelLimits } from './limits.js';
import type { SegmentLog } from './segment-log.js';
import { openStored } from './stored-value.js';

interface Recent {
  readonly group: Group;
  readonly bytes: number;
}

/** Tells watchers what changed: from memory while they keep up, from the log while they are behind. */
export class ChangeFeed {
  readonly #log: SegmentLog;
  readonly #limits: LevelLimits;
  readonly #waiting = new Set<() => void>();
  #recent: Recent[] = [];
  #recentBytes = 0;
  #revision: number;
  #watchers = 0;
  #closed = false;

  constructor(log: SegmentLog, limits: LevelLimits, revision: number) {
    this.#log = log;
    this.#limits = limits;
    this.#revision = revision;
  }

  /** Takes a durable group. */
  add(group: Group, bytes: number): void {
    this.#recent.push({ group, bytes });
    this.#recentBytes += bytes;
    while (this.#recentBytes > this.#limits.recentChangesBytes && this.#recent.length > 1) {
      this.#recentBytes -= this.#recent.shift()?.bytes ?? 0;
    }
    this.#revision = group.position.revision;
    this.#wake();
  }

  /** Ends every watch. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  /** @throws OrchestratorError `cursor_expired`, `limit_exceeded` past {@link LevelLimits.maxWatchers} */
  async *watch(prefix: string, afterRevision: number, signal: AbortSignal): AsyncGenerator<ChangeSet> {
    if (this.#watchers >= this.#limits.maxWatchers) {
      throw new OrchestratorError('limit_exceeded', `${this.#watchers} watchers, the most that maxWatchers allows`, {
        limit: 'maxWatchers',
        value: this.#limits.maxWatchers,
      });
    }
    this.#watchers++;
    try {
      let after = afterRevision;
      while (!this.#over(signal)) {
        if (after >= this.#revision) {
          await this.#news(signal);
          continue;
        }
        for await (const group of this.#groupsAfter(after)) {
          for (const set of changeSets(group, after, prefix)) {
            yield set;
            if (this.#over(signal)) return;
          }
          after = group.position.revision;
        }
      }
    } finally {
      this.#watchers--;
    }
  }

  #groupsAfter(after: number): Iterable<Group> | AsyncIterable<Group> {
    const oldest = this.#recent[0];
    if (oldest === undefined || oldest.group.firstRevision > after + 1) return this.#log.read(after);
    const from = this.#recent.findIndex(({ group }) => group.position.revision > after);
    return this.#recent.slice(from).map(({ group }) => group);
  }

  #over(signal: AbortSignal): boolean {
    return signal.aborted || this.#closed;
  }

  async #news(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  #wake(): void {
    for (const done of [...this.#waiting]) done();
  }
}

function* changeSets(group: Group, after: number, prefix: string): Generator<ChangeSet> {
  let revision = group.firstRevision;
  for (const writes of group.commits) {
    if (revision > after) {
      const changes = changesUnder(writes, prefix, revision);
      if (changes.length > 0) yield { revision, changes };
    }
    revision++;
  }
}

function changesUnder(writes: readonly Write[], prefix: string, revision: number): Change[] {
  return writes
    .filter(({ key }) => key.startsWith(prefix) && !key.startsWith('!'))
    .map(({ key, stored }) =>
      stored === undefined
        ? { type: 'delete', key, revision }
        : { type: 'put', key, value: JSON.parse(openStored(key, stored).json) as JsonValue, revision },
    );
}
