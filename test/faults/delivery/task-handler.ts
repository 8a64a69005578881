import type { AgentLink, IncomingCall } from './agent-link.js';
import { delay } from './agent-sender.js';
import type { Attempt, AttemptLog, Payload } from './attempt-log.js';
import type { Seeded } from './seeded.js';

/** What an agent does with a task; most are well-behaved. */
const WAYS = {
  answer: 40,
  complete: 28,
  throw: 6,
  throwForGood: 3,
  fail: 6,
  failForGood: 3,
  progress: 6,
  forget: 5,
  hang: 3,
} as const;
/** Name of errors that are not to be retried. */
export const NEVER = 'never';

/** Works on tasks in one of many ways, some of which are wrong. */
export class TaskHandler {
  constructor(
    private readonly log: AttemptLog,
    private readonly random: Seeded,
    private readonly link: () => Promise<AgentLink>,
  ) {}

  /** Answers the input, and what is left to do. */
  take({ params, answer }: IncomingCall, well: boolean): { id: string; payload: Payload; handled: Promise<void> } {
    const { task, input } = params as { task: { taskId: string; epoch: number }; input: Payload };
    const { taskId: id, epoch } = task;
    const attempt = { id, delivery: `${id} ${String(epoch)}`, attempt: epoch };
    this.log.begun(attempt, input, { priority: 0 });
    const way = well ? 'answer' : this.random.weighted(WAYS);
    return { id, payload: input, handled: this.#work(attempt, way, answer) };
  }

  async #work(attempt: Attempt, way: keyof typeof WAYS, answer: IncomingCall['answer']): Promise<void> {
    const { random, log } = this;
    await delay(random.wait(20));
    const held = { taskId: attempt.id, epoch: attempt.attempt };
    const times = random.chance(0.1) ? 2 : 1;
    const error = { name: 'busy', message: 'not today' };
    const never = { name: NEVER, message: 'never', retryable: false };
    switch (way) {
      case 'answer':
        log.saying(attempt, 'handled');
        answer({ result: { output: attempt.attempt } });
        return;
      case 'throw':
        log.saying(attempt, 'again');
        answer({ error: { code: 5000, message: 'not today' } });
        return;
      case 'throwForGood':
        log.saying(attempt, 'failed');
        answer({ error: { code: 5000, message: 'never', data: never } });
        return;
      case 'hang':
        return;
      case 'progress':
        answer({ result: null });
        await (await this.link()).call('task.progress', { ...held, progress: random.fraction() });
        await delay(random.wait(500));
        return log.say(times, attempt, 'handled', 'task.complete', held);
      case 'complete':
        answer({ result: null });
        await delay(random.wait(200));
        return log.say(times, attempt, 'handled', 'task.complete', { ...held, output: { by: attempt.attempt } });
      case 'forget':
        // Completed when its time may be over.
        answer({ result: null });
        await delay(random.integer(500, 8_000));
        return log.say(times, attempt, 'handled', 'task.complete', held);
      case 'fail':
        answer({ result: null });
        return log.say(times, attempt, 'again', 'task.fail', { ...held, error });
      case 'failForGood':
        answer({ result: null });
        return log.say(times, attempt, 'failed', 'task.fail', { ...held, error: never });
    }
  }
}
