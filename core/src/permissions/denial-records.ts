import { events } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Instruments } from '../host/instruments.js';
import { Log } from '../host/log.js';
import { Timers } from '../host/time.js';
import { token } from '../plugin/token.js';
import { Dispatcher, type Denial } from '../rpc/dispatcher.js';
import { GatheredRecords } from '../store/gathered-records.js';
import { Journal } from '../store/journal.js';
import type { EventDraft } from '../store/record.js';

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

/** Puts refused calls into the journal: one record a second for each kind (who, which method) that says how many they were. */
@injectable()
export class DenialRecords {
  readonly #records: GatheredRecords;
  readonly #stopListening: () => void;

  constructor(
    @inject(Dispatcher) dispatcher: Dispatcher,
    @inject(Journal) journal: Journal,
    @inject(DenialLimits) limits: DenialLimits,
    @inject(Instruments) instruments: Instruments,
    @inject(Timers) timers: Timers,
    @inject(Log) log: Log,
  ) {
    const unrecorded = instruments
      .counter('orchestrator_denials_unrecorded_total', 'Refused calls past the bound on records.')
      .with();
    this.#records = new GatheredRecords(journal, limits, unrecorded, timers, log);
    this.#stopListening = dispatcher.onDenied((denial) => {
      this.#records.add(`${denial.method} ${denial.principal.id}`, (count) => recordOf(denial, count));
    });
  }

  /** Writes what was gathered; resolves once it is durable or was found impossible, which is logged. */
  flush(): Promise<void> {
    return this.#records.flush();
  }

  /** Stops listening and writes what is left. */
  async close(): Promise<void> {
    this.#stopListening();
    await this.#records.close();
  }
}

function recordOf({ principal, method, permission }: Denial, count: number): EventDraft {
  return {
    action: events.permissionDenied.name,
    resource: `method/${method}`,
    principal: principal.id,
    outcome: 'denied',
    details: { permission, method, count },
  };
}
