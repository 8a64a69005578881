import { events } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Instruments, type Counter } from '../host/instruments.js';
import { Log } from '../host/log.js';
import { Timers, type Timer } from '../host/time.js';
import { token } from '../plugin/token.js';
import { Dispatcher, type Denial } from '../rpc/dispatcher.js';
import { Journal } from '../store/journal.js';

/** Bounds of what refused calls may write. */
export interface DenialLimits {
  /** Kinds of refusal (who, which method) that are recorded in one interval; more are counted as unrecorded. */
  readonly kinds: number;
  /** Refusals of one kind within it share a record that says how many they were. */
  readonly intervalMs: number;
}
/** Token of {@link DenialLimits}. */
export const DenialLimits = token<DenialLimits>('denial-limits');

/** What holds where the configuration says nothing. */
export const DENIAL_DEFAULTS: DenialLimits = { kinds: 100, intervalMs: 1000 };

/**
 * Puts refused calls into the journal. They are gathered for an interval first, so that whoever keeps asking for what is forbidden
 * cannot make the disk work for each call.
 */
@injectable()
export class DenialRecords {
  #gathered = new Map<string, { readonly denial: Denial; count: number }>();
  readonly #unrecorded: Counter;
  readonly #timer: Timer;
  readonly #stopListening: () => void;

  constructor(
    @inject(Dispatcher) dispatcher: Dispatcher,
    @inject(Journal) private readonly journal: Journal,
    @inject(DenialLimits) private readonly limits: DenialLimits,
    @inject(Instruments) instruments: Instruments,
    @inject(Timers) timers: Timers,
    @inject(Log) private readonly log: Log,
  ) {
    this.#unrecorded = instruments
      .counter('orchestrator_denials_unrecorded_total', 'Refused calls past the bound on records.')
      .with();
    this.#stopListening = dispatcher.onDenied((denial) => this.#gather(denial));
    this.#timer = timers.every(limits.intervalMs, () => void this.flush());
  }

  /** Writes what was gathered; resolves once it is durable or was found impossible, which is logged. */
  async flush(): Promise<void> {
    if (this.#gathered.size === 0) return;
    const gathered = [...this.#gathered.values()];
    this.#gathered = new Map();
    try {
      await this.journal.append(
        gathered.map(({ denial: { principal, method, permission }, count }) => ({
          action: events.permissionDenied.name,
          resource: `method/${method}`,
          principal: principal.id,
          outcome: 'denied',
          details: { permission, method, count },
        })),
      );
    } catch (error) {
      this.#unrecorded.add(gathered.reduce((sum, { count }) => sum + count, 0));
      this.log.error({ err: error, kinds: gathered.length }, 'refused calls could not be recorded');
    }
  }

  /** Stops listening and writes what is left. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#timer.cancel();
    await this.flush();
  }

  #gather(denial: Denial): void {
    const kind = `${denial.method} ${denial.principal.id}`;
    const known = this.#gathered.get(kind);
    if (known !== undefined) known.count++;
    else if (this.#gathered.size < this.limits.kinds) this.#gathered.set(kind, { denial, count: 1 });
    else this.#unrecorded.add();
  }
}
