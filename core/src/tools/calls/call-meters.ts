import type { Counter, Histogram, Instruments, Labeled } from '../../host/instruments.js';
import type { ToolDefinition } from '../tools.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];
const STATES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** What is measured of one tool; its children are looked up once. */
export interface ToolMeter {
  readonly ok: Counter;
  readonly seconds: Histogram;
  /** @param outcome any but `ok` */
  other(outcome: string): Counter;
}

/** What is asked when gauges are read. */
export interface CallGauges {
  readonly inFlight: () => number;
  readonly queued: () => number;
  readonly approvals: () => number;
  readonly breakers: () => Iterable<readonly [provider: string, breaker: { readonly state: keyof typeof STATES }]>;
}

/** Everything that is measured of tool calls. Tools past the bound on series are counted together. */
export class CallMeters {
  readonly denied: Labeled<Counter>;
  readonly cached: Counter;
  readonly progressDropped: Counter;
  readonly #byProvider: Labeled<Counter>;
  readonly #byTool: Labeled<Counter>;
  readonly #seconds: Labeled<Histogram>;

  constructor(instruments: Instruments, gauges: CallGauges) {
    this.#byProvider = instruments.counter('orchestrator_tool_calls_total', 'Tool calls by provider and outcome.', [
      'provider',
      'outcome',
    ]);
    this.#byTool = instruments.counter('orchestrator_tool_uses_total', 'Tool calls by tool.', ['tool']);
    this.#seconds = instruments.histogram(
      'orchestrator_tool_call_seconds',
      'From call to answer, by provider.',
      SECONDS,
      ['provider'],
    );
    this.denied = instruments.counter('orchestrator_tool_calls_denied_total', 'Tool calls refused.', ['reason']);
    this.cached = instruments
      .counter('orchestrator_tool_results_cached_total', 'Calls of pure tools that an earlier result answered.')
      .with();
    this.progressDropped = instruments
      .counter(
        'orchestrator_tool_progress_dropped_total',
        'Progress of calls that nobody waits for, or that does not rise.',
      )
      .with();
    const gauge = (name: string, help: string, read: () => number): void => {
      instruments.gauge(name, help, [], () => [{ value: read() }]);
    };
    gauge('orchestrator_tool_calls_in_flight', 'Tool calls under way.', gauges.inFlight);
    gauge('orchestrator_tool_calls_queued', 'Tool calls that wait for their turn.', gauges.queued);
    gauge('orchestrator_tool_approvals', 'Calls for which somebody is asked, decided or not.', gauges.approvals);
    instruments.gauge(
      'orchestrator_tool_provider_breaker',
      'Whether calls go through to a provider: 0 they do, 1 one may to find out, 2 none does.',
      ['provider'],
      () => [...gauges.breakers()].map(([provider, { state }]) => ({ value: STATES[state], labels: [provider] })),
    );
  }

  of({ name }: ToolDefinition, provider: string): ToolMeter {
    const uses = this.#byTool.with(name);
    const ok = this.#byProvider.with(provider, 'ok');
    return {
      ok: {
        add: () => {
          uses.add();
          ok.add();
        },
      },
      seconds: this.#seconds.with(provider),
      other: (outcome) => {
        uses.add();
        return this.#byProvider.with(provider, outcome);
      },
    };
  }
}
