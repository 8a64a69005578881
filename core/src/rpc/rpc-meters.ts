import { inject, injectable } from 'tsyringe';
import { type Counter, type GaugeSample, type Histogram, Instruments, type Labeled } from '../host/instruments.js';

const DURATION_BUCKETS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** What one method's calls are counted in; its children are looked up once. */
export class MethodMeter {
  readonly #duration: Histogram;
  readonly #outcomes = new Map<string, Counter>();

  constructor(
    private readonly method: string,
    private readonly requests: Labeled<Counter>,
    durations: Labeled<Histogram>,
  ) {
    this.#duration = durations.with(method);
  }

  /** @param outcome `ok` or the name of the error */
  count(outcome: string, milliseconds: number): void {
    let counter = this.#outcomes.get(outcome);
    if (counter === undefined) this.#outcomes.set(outcome, (counter = this.requests.with(this.method, outcome)));
    counter.add();
    this.#duration.observe(milliseconds / 1000);
  }
}

/** Everything that sessions and the dispatcher measure. */
@injectable()
export class RpcMeters {
  readonly #requests: Labeled<Counter>;
  readonly #durations: Labeled<Histogram>;
  /** Frames that could not be taken for a call of any method. */
  readonly unreadable: MethodMeter;
  readonly droppedNotifications: Counter;
  /** Answers of clients to no call of ours. */
  readonly unmatchedAnswers: Counter;
  readonly slowConsumers: Counter;

  constructor(@inject(Instruments) private readonly instruments: Instruments) {
    this.#requests = instruments.counter('orchestrator_rpc_requests_total', 'Calls by method and outcome.', [
      'method',
      'outcome',
    ]);
    this.#durations = instruments.histogram(
      'orchestrator_rpc_request_duration_seconds',
      'From a call being read to its answer being queued.',
      DURATION_BUCKETS,
      ['method'],
    );
    this.unreadable = this.method('unknown');
    this.droppedNotifications = instruments
      .counter('orchestrator_rpc_dropped_notifications_total', 'Notifications not sent because the client was behind.')
      .with();
    this.unmatchedAnswers = instruments
      .counter('orchestrator_rpc_unmatched_answers_total', 'Answers of clients that belong to no call.')
      .with();
    this.slowConsumers = instruments
      .counter('orchestrator_rpc_slow_consumers_total', 'Sessions closed because the client did not read.')
      .with();
  }

  method(name: string): MethodMeter {
    return new MethodMeter(name, this.#requests, this.#durations);
  }

  gauge(name: string, help: string, collect: () => number): void {
    const samples = (): readonly GaugeSample[] => [{ value: collect() }];
    this.instruments.gauge(name, help, [], samples);
  }
}
