import type { Change, ChangeSet, JsonValue } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { decodeFrame, type Group, type Write } from './frame.js';
import type { LevelLimits } from './limits.js';
import type { SegmentLog } from './segment-log.js';
import { openStored } from './stored-value.js';

/** A group that became durable, kept as its frame: it is read again only where somebody watches. */
class Recent {
  #group: Group | undefined;

  constructor(
    private readonly frame: Buffer,
    readonly firstRevision: number,
    readonly revision: number,
  ) {}

  get bytes(): number {
    return this.frame.length;
  }

  get group(): Group {
    return (this.#group ??= framed(this.frame));
  }
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

  /** Takes the frame of a durable group. */
  add(frame: Buffer, { firstRevision, position: { revision } }: Group): void {
    this.#recent.push(new Recent(frame, firstRevision, revision));
    this.#recentBytes += frame.length;
    while (this.#recentBytes > this.#limits.recentChangesBytes && this.#recent.length > 1) {
      this.#recentBytes -= this.#recent.shift()?.bytes ?? 0;
    }
    this.#revision = revision;
    if (this.#waiting.size > 0) this.#wake();
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
    if (oldest === undefined || oldest.firstRevision > after + 1) return this.#log.read(after);
    const from = this.#recent.findIndex(({ revision }) => revision > after);
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

function framed(frame: Buffer): Group {
  const read = decodeFrame(frame, 0);
  if (read === undefined) throw new Error('a frame that was just written cannot be read');
  return read.group;
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
