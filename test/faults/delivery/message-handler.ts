import type { AgentLink, IncomingCall } from './agent-link.js';
import { delay } from './agent-sender.js';
import type { Attempt, AttemptLog, Payload } from './attempt-log.js';
import type { Seeded } from './seeded.js';

/** What an agent does with a message; most are well-behaved. */
const WAYS = {
  answer: 60,
  throw: 8,
  throwForGood: 4,
  ack: 12,
  nack: 5,
  nackForGood: 2,
  extend: 3,
  forget: 3,
  hang: 3,
} as const;

/** Handles messages in one of many ways, some of which are wrong. */
export class MessageHandler {
  constructor(
    private readonly log: AttemptLog,
    private readonly random: Seeded,
    private readonly link: () => Promise<AgentLink>,
  ) {}

  /** Answers the payload, and what is left to do. */
  take({ params, answer }: IncomingCall, well: boolean): { id: string; payload: Payload; handled: Promise<void> } {
    const { message, payload } = params as {
      message: { id: string; deliveryId: string; attempt: number; sequence: number; priority: number };
      payload: Payload;
    };
    const { id, deliveryId: delivery, attempt, sequence, priority } = message;
    this.log.begun({ id, delivery, attempt }, payload, { sequence, priority });
    const way = well ? 'answer' : this.random.weighted(WAYS);
    return { id, payload, handled: this.#handle({ id, delivery, attempt }, way, answer) };
  }

  async #handle(attempt: Attempt, way: keyof typeof WAYS, answer: IncomingCall['answer']): Promise<void> {
    const { random, log } = this;
    await delay(random.wait(20));
    const named = { messageId: attempt.id, deliveryId: attempt.delivery };
    const times = random.chance(0.1) ? 2 : 1;
    switch (way) {
      case 'answer':
        log.saying(attempt, 'handled');
        answer({ result: null });
        return;
      case 'throw':
        log.saying(attempt, 'again');
        answer({ error: { code: 5000, message: 'not today' } });
        return;
      case 'throwForGood':
        log.saying(attempt, 'failed');
        answer({ error: { code: 5000, message: 'never', data: { retryable: false } } });
        return;
      case 'hang':
        return;
      case 'ack':
        answer({ result: { ack: false } });
        await delay(random.wait(200));
        return log.say(times, attempt, 'handled', 'message.ack', named);
      case 'extend':
        answer({ result: { ack: false } });
        await (await this.link()).call('message.extend', { ...named, extendMs: random.integer(100, 3_000) });
        await delay(random.wait(500));
        return log.say(times, attempt, 'handled', 'message.ack', named);
      case 'forget':
        // Acknowledged when its time may be over.
        answer({ result: { ack: false } });
        await delay(random.integer(500, 6_000));
        return log.say(times, attempt, 'handled', 'message.ack', named);
      case 'nack':
        answer({ result: { ack: false } });
        return log.say(times, attempt, 'again', 'message.nack', { ...named, delayMs: random.integer(0, 1_000) });
      case 'nackForGood':
        answer({ result: { ack: false } });
        return log.say(times, attempt, 'failed', 'message.nack', { ...named, final: true, reason: 'never' });
    }
  }
}
