import type { Counter, Histogram, Instruments, Labeled } from '../host/instruments.js';
import type { Outcome } from './receipt.js';

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600];

/** What is kept now. */
interface Depth {
  /** In all inboxes. */
  readonly messages: number;
  readonly bytes: number;
  readonly deadLetters: number;
}

/** Everything that is measured of durable messages. */
export class MessageMeters {
  readonly accepted: Counter;
  readonly delivered: Counter;
  readonly redelivered: Counter;
  readonly #refused: Labeled<Counter>;
  readonly #settled: Readonly<Record<Outcome, Counter>>;
  readonly #attemptsFailed: Labeled<Counter>;
  readonly #seconds: Histogram;

  /** @param depth asked when the gauges are read */
  constructor(instruments: Instruments, depth: () => Depth) {
    const sends = instruments.counter('orchestrator_messages_sent_total', 'Durable sends by outcome.', ['outcome']);
    this.accepted = sends.with('accepted');
    this.#refused = sends;
    const deliveries = instruments.counter('orchestrator_message_deliveries_total', 'Deliveries of messages.', [
      'kind',
    ]);
    this.delivered = deliveries.with('first');
    this.redelivered = deliveries.with('again');
    const settled = instruments.counter('orchestrator_messages_settled_total', 'Messages by outcome.', ['outcome']);
    this.#settled = {
      handled: settled.with('handled'),
      failed: settled.with('failed'),
      expired: settled.with('expired'),
      deadLettered: settled.with('deadLettered'),
      refused: settled.with('refused'),
      canceled: settled.with('canceled'),
    };
    this.#attemptsFailed = instruments.counter(
      'orchestrator_message_attempts_failed_total',
      'Deliveries that came to nothing.',
      ['reason'],
    );
    this.#seconds = instruments
      .histogram('orchestrator_message_settle_seconds', 'From acceptance to outcome.', SECONDS)
      .with();
    instruments.gauge('orchestrator_inbox_messages', 'Messages in all inboxes.', [], () => [
      { value: depth().messages },
    ]);
    instruments.gauge('orchestrator_inbox_bytes', 'Bytes of the messages in all inboxes.', [], () => [
      { value: depth().bytes },
    ]);
    instruments.gauge('orchestrator_dead_letters', 'Dead letters.', [], () => [{ value: depth().deadLetters }]);
  }

  /** @param error name of the error that the sender was answered */
  refused(error: string): void {
    this.#refused.with(error).add();
  }

  settled(outcome: Outcome, milliseconds: number): void {
    this.#settled[outcome].add();
    this.#seconds.observe(Math.max(0, milliseconds) / 1000);
  }

  attemptFailed(reason: string): void {
    this.#attemptsFailed.with(reason).add();
  }
}
