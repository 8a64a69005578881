import type { Counter } from '../host/instruments.js';
import type { Log } from '../host/log.js';
import type { Timers } from '../host/time.js';
import type { Journal } from './journal.js';
import type { EventDraft } from './record.js';

/** Bounds of {@link GatheredRecords}. */
interface GatherLimits {
  /** Kinds that are recorded in one interval; more are counted as unrecorded. */
  readonly kinds: number;
  /** What is of one kind within it shares a record. */
  readonly intervalMs: number;
}

/** Makes the record of what happened `count` times. */
type Recorded = (count: number) => EventDraft;

/**
 * Puts what was refused into the journal. It is gathered for an interval first, so that whoever keeps asking for what is refused
 * cannot make the disk work for each call.
 */
export class GatheredRecords {
  #gathered = new Map<string, { readonly record: Recorded; count: number }>();
  readonly #stop: () => void;

  constructor(
    private readonly journal: Journal,
    private readonly limits: GatherLimits,
    private readonly unrecorded: Counter,
    timers: Timers,
    private readonly log: Log,
  ) {
    const timer = timers.every(limits.intervalMs, () => void this.flush());
    this.#stop = () => {
      timer.cancel();
    };
  }

  /** @param kind those with the same share a record, which the first of them makes */
  add(kind: string, record: Recorded): void {
    const known = this.#gathered.get(kind);
    if (known !== undefined) known.count++;
    else if (this.#gathered.size < this.limits.kinds) this.#gathered.set(kind, { record, count: 1 });
    else this.unrecorded.add();
  }

  /** Writes what was gathered; resolves once it is durable or was found impossible, which is logged. */
  async flush(): Promise<void> {
    if (this.#gathered.size === 0) return;
    const gathered = [...this.#gathered.values()];
    this.#gathered = new Map();
    try {
      await this.journal.append(gathered.map(({ record, count }) => record(count)));
    } catch (error) {
      this.unrecorded.add(gathered.reduce((sum, { count }) => sum + count, 0));
      this.log.error({ err: error, kinds: gathered.length }, 'refusals could not be recorded');
    }
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#stop();
    await this.flush();
  }
}
