import type { Instruments, Labeled, Counter } from '../host/instruments.js';
import type { Documents } from './documents.js';

/** What is counted of documents. */
export class StateMeters {
  readonly #writes: Labeled<Counter>;
  readonly #conflicts: Counter;

  constructor(instruments: Instruments, documents: Documents) {
    this.#writes = instruments.counter(
      'orchestrator_state_writes_total',
      'Writes of fields by outcome: written, merged, conflict, kept, refused.',
      ['outcome'],
    );
    this.#conflicts = instruments
      .counter('orchestrator_state_conflicts_total', 'Writes that wait for a decision beside what they did not know.')
      .with();
    instruments.gauge('orchestrator_state_documents', 'Documents in memory.', [], () => [
      { value: documents.loaded.documents },
    ]);
    instruments.gauge('orchestrator_state_bytes', 'Bytes of fields in memory.', [], () => [
      { value: documents.loaded.bytes },
    ]);
  }

  /** @param outcome of a write, or `refused` */
  wrote(outcome: string, count = 1): void {
    this.#writes.with(outcome).add(count);
    if (outcome === 'conflict') this.#conflicts.add(count);
  }
}
