import { token } from '../plugin/token.js';

/** A total that only rises. */
export interface Counter {
  add(n?: number): void;
}
/** Observations counted in buckets. */
export interface Histogram {
  observe(value: number): void;
}
/** One instrument with labels; `with` answers the same child for the same values. Keep the child: looking it up costs more. */
export interface Labeled<Child> {
  with(...values: string[]): Child;
}
/** One sample of a gauge: its value and its label values in the order declared. */
export interface GaugeSample {
  readonly value: number;
  readonly labels?: readonly string[];
}

/** The state of one instrument, as an exposition reads it. */
export type InstrumentSnapshot =
  | {
      readonly type: 'counter' | 'gauge';
      readonly name: string;
      readonly help: string;
      readonly labelNames: readonly string[];
      readonly samples: readonly { readonly labels: readonly string[]; readonly value: number }[];
    }
  | {
      readonly type: 'histogram';
      readonly name: string;
      readonly help: string;
      readonly labelNames: readonly string[];
      /** Upper bounds, rising, without +Inf. */
      readonly buckets: readonly number[];
      readonly samples: readonly {
        readonly labels: readonly string[];
        /** One count a bucket and one for +Inf; not cumulative. */
        readonly counts: readonly number[];
        readonly sum: number;
      }[];
    };

/**
 * What the core and the plugins measure, kept as plain numbers; the metrics plugin turns it into an exposition. Names are
 * Prometheus names (`orchestrator_…_seconds`, `…_total`). At most `limits.seriesPerInstrument` children an instrument; values
 * past that are counted under `other`.
 */
export interface Instruments {
  counter(name: string, help: string, labelNames?: readonly string[]): Labeled<Counter>;
  histogram(name: string, help: string, buckets: readonly number[], labelNames?: readonly string[]): Labeled<Histogram>;
  /** `collect` is asked at each reading; registered again with the same labels, the new one is. */
  gauge(name: string, help: string, labelNames: readonly string[], collect: () => readonly GaugeSample[]): void;
  snapshot(): readonly InstrumentSnapshot[];
}
/** Token of {@link Instruments}. */
export const Instruments = token<Instruments>('instruments');
