import { inject, injectable } from 'tsyringe';
import { token } from '../plugin/token.js';
import type { Counter, GaugeSample, Histogram, InstrumentSnapshot, Instruments, Labeled } from './instruments.js';
import { Series } from './series.js';

/** Bounds of {@link InMemoryInstruments}. */
export interface InstrumentLimits {
  /** Series of one instrument; label values past it are counted under `other`. */
  readonly seriesPerInstrument: number;
}
/** Token of {@link InstrumentLimits}. */
export const InstrumentLimits = token<InstrumentLimits>('instrument-limits');

/** {@link InstrumentLimits} unless configured. */
export const DEFAULT_INSTRUMENT_LIMITS: InstrumentLimits = { seriesPerInstrument: 500 };

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;

class Total implements Counter {
  readonly #value = new Float64Array(1);

  add(n = 1): void {
    if (n > 0) this.#value[0] = (this.#value[0] ?? 0) + n;
    else if (n !== 0) throw new RangeError('a counter only rises; use a gauge for what can fall');
  }

  get value(): number {
    return this.#value[0] ?? 0;
  }
}

class Buckets implements Histogram {
  readonly #counts: Float64Array;
  #sum = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.#counts = new Float64Array(bounds.length + 1);
  }

  observe(value: number): void {
    if (Number.isNaN(value)) return;
    let bucket = 0;
    while (bucket < this.bounds.length && value > (this.bounds[bucket] ?? Infinity)) bucket++;
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }

  read(): { counts: readonly number[]; sum: number } {
    return { counts: [...this.#counts], sum: this.#sum };
  }
}

interface Gauge {
  readonly help: string;
  readonly labelNames: readonly string[];
  readonly collect: () => readonly GaugeSample[];
}

/** Instruments as plain numbers: adding to one is one array increment, and readers take a copy. */
@injectable()
export class InMemoryInstruments implements Instruments {
  readonly #counters = new Map<string, Series<Total>>();
  readonly #histograms = new Map<string, { readonly bounds: readonly number[]; readonly series: Series<Buckets> }>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #unreadable: Labeled<Counter>;

  constructor(@inject(InstrumentLimits) private readonly limits: InstrumentLimits) {
    this.#unreadable = this.counter('orchestrator_gauge_failures_total', 'Gauges that failed to be read.', ['name']);
  }

  /** The same name again, with the same labels, answers the same instrument. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Labeled<Counter> {
    const known = this.#counters.get(name);
    if (known !== undefined) return sameLabels(known, labelNames);
    this.#claim(name, labelNames);
    const series = new Series(name, help, labelNames, this.limits.seriesPerInstrument, () => new Total());
    this.#counters.set(name, series);
    return series;
  }

  /** The same name again, with the same labels, answers the same instrument. */
  histogram(
    name: string,
    help: string,
    buckets: readonly number[],
    labelNames: readonly string[] = [],
  ): Labeled<Histogram> {
    const known = this.#histograms.get(name);
    if (known !== undefined) return sameLabels(known.series, labelNames);
    this.#claim(name, labelNames);
    if (buckets.some((bound, i) => !Number.isFinite(bound) || bound <= (buckets[i - 1] ?? -Infinity))) {
      throw new Error(`instrument ${name}: bucket bounds must be finite and rise`);
    }
    const bounds = [...buckets];
    const series = new Series(name, help, labelNames, this.limits.seriesPerInstrument, () => new Buckets(bounds));
    this.#histograms.set(name, { bounds, series });
    return series;
  }

  /** The same name again, with the same labels, is read from the new owner: a plugin that was started anew. */
  gauge(name: string, help: string, labelNames: readonly string[], collect: () => readonly GaugeSample[]): void {
    const known = this.#gauges.get(name);
    if (known === undefined) this.#claim(name, labelNames);
    else mustHaveLabels(name, known.labelNames, labelNames);
    this.#gauges.set(name, { help, labelNames, collect });
  }

  snapshot(): readonly InstrumentSnapshot[] {
    // Gauges first: one that fails is then already in its counter.
    const gauges = [...this.#gauges].map(([name, gauge]) => ({
      type: 'gauge' as const,
      name,
      help: gauge.help,
      labelNames: gauge.labelNames,
      samples: this.#samples(name, gauge),
    }));
    const counters = [...this.#counters.values()].map((series) => ({
      type: 'counter' as const,
      name: series.name,
      help: series.help,
      labelNames: series.labelNames,
      samples: series.map((labels, total) => ({ labels, value: total.value })),
    }));
    const histograms = [...this.#histograms.values()].map(({ bounds, series }) => ({
      type: 'histogram' as const,
      name: series.name,
      help: series.help,
      labelNames: series.labelNames,
      buckets: bounds,
      samples: series.map((labels, buckets) => ({ labels, ...buckets.read() })),
    }));
    return [...gauges, ...counters, ...histograms];
  }

  #samples(name: string, gauge: Gauge): { labels: readonly string[]; value: number }[] {
    let samples: readonly GaugeSample[];
    try {
      samples = gauge.collect();
    } catch {
      // One bad gauge must not hide the others; it is counted, and an operator sees the counter rise.
      this.#unreadable.with(name).add();
      return [];
    }
    return samples
      .filter((sample) => (sample.labels?.length ?? 0) === gauge.labelNames.length)
      .slice(0, this.limits.seriesPerInstrument)
      .map((sample) => ({ labels: sample.labels ?? [], value: sample.value }));
  }

  #claim(name: string, labelNames: readonly string[]): void {
    if (!NAME.test(name)) throw new Error(`"${name}" is no metric name; use letters, digits, _ and :`);
    const bad = labelNames.find((label) => !LABEL_NAME.test(label));
    if (bad !== undefined) throw new Error(`instrument ${name}: "${bad}" is no label name`);
    if (this.#counters.has(name) || this.#histograms.has(name) || this.#gauges.has(name)) {
      throw new Error(`instrument ${name} exists already; give this one another name`);
    }
  }
}

function sameLabels<Child>(series: Series<Child>, labelNames: readonly string[]): Labeled<Child> {
  mustHaveLabels(series.name, series.labelNames, labelNames);
  return series;
}

function mustHaveLabels(name: string, has: readonly string[], wanted: readonly string[]): void {
  if (has.join() === wanted.join()) return;
  throw new Error(
    `instrument ${name} has the labels (${has.join(', ')}); it was asked for with (${wanted.join(', ')})`,
  );
}
