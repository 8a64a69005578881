import { hash } from 'node:crypto';
import type { AgentLink, IncomingCall } from './agent-link.js';
import { delay, type AgentSender } from './agent-sender.js';
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
  artifact: 8,
  ask: 6,
  parts: 5,
  forget: 5,
  hang: 3,
} as const;
/** Name of errors that are not to be retried. */
export const NEVER = 'never';
/** How long a worker waits for input; it looks for it itself after half of that. */
const INPUT_MS = 2_000;
const MOST_CHUNKS = 5;

/** What a worker is told with a task. */
interface Assigned {
  readonly taskId: string;
  readonly epoch: number;
  readonly from: string;
  readonly contextId?: string;
}
interface Given {
  readonly inputId: string;
  readonly payload: object;
}

/** Works on tasks in one of many ways, some of which are wrong. */
export class TaskHandler {
  /** Waits for input, by its id. */
  readonly #waiting = new Map<string, () => void>();

  constructor(
    private readonly log: AttemptLog,
    private readonly random: Seeded,
    private readonly link: () => Promise<AgentLink>,
    private readonly sender: AgentSender,
    /** It can ask others by message. */
    private readonly canAsk: boolean,
  ) {}

  /** What it had asked for came. */
  input(params: IncomingCall['params']): void {
    const { taskId, inputId, payload } = params as unknown as Given & { taskId: string };
    this.log.given(taskId, inputId, payload);
    this.#waiting.get(inputId)?.();
  }

  /** Answers the input, and what is left to do. */
  take({ params, answer }: IncomingCall, well: boolean): { id: string; payload: Payload; handled: Promise<void> } {
    const { task, input } = params as { task: Assigned; input: Payload };
    const { taskId: id, epoch } = task;
    const attempt = { id, delivery: `${id} ${String(epoch)}`, attempt: epoch };
    this.log.begun(attempt, input, { priority: 0 });
    const way = well ? 'answer' : this.random.weighted(WAYS);
    return { id, payload: input, handled: this.#work(attempt, way, answer, task) };
  }

  async #work(
    attempt: Attempt,
    way: keyof typeof WAYS,
    answer: IncomingCall['answer'],
    { from, contextId }: Assigned,
  ): Promise<void> {
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
      case 'artifact':
        answer({ result: null });
        await this.#produce(attempt);
        return log.say(times, attempt, 'handled', 'task.complete', held);
      case 'ask':
        answer({ result: null });
        if (this.canAsk) await this.#askFor(attempt, from);
        return log.say(times, attempt, 'handled', 'task.complete', held);
      case 'parts':
        answer({ result: null });
        for (let parts = random.integer(1, 4); parts > 0; parts--) this.sender.part(attempt, contextId);
        await delay(random.wait(500));
        if (random.chance(0.3)) return log.say(times, attempt, 'failed', 'task.fail', { ...held, error: never });
        return log.say(times, attempt, 'handled', 'task.complete', held);
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

  async #produce({ id, attempt }: Attempt): Promise<void> {
    const chunks = this.random.integer(1, MOST_CHUNKS + 1);
    for (let chunk = 0; chunk < chunks; chunk++) {
      const last = chunk === chunks - 1;
      const data = `${id} ${String(attempt)} ${String(chunk)} ${'y'.repeat(this.random.integer(0, 3_000))}`;
      const params = { taskId: id, epoch: attempt, artifactId: 'product', chunk, last, encoding: 'text', data };
      const about = { what: 'chunk', chunk, last, hash: hash('sha256', data) } as const;
      const answer = await this.sender.ask(id, about, 'task.artifact', params);
      if (!('result' in answer)) return;
      await delay(this.random.wait(50));
    }
  }

  /** Asks for input and waits for it for a while: it may come by itself, or be found with a sign of life. */
  async #askFor({ id: taskId, attempt: epoch }: Attempt, from: string): Promise<void> {
    const link = await this.link();
    const prompt = { asks: taskId };
    const answer = await link.call('task.needInput', { taskId, epoch, kind: 'input', prompt });
    if (!('result' in answer)) return;
    const inputId = String(answer.result.inputId);
    const came = new Promise<void>((resolve) => this.#waiting.set(inputId, resolve));
    this.sender.askFor(inputId, taskId, from);
    await Promise.race([came, delay(INPUT_MS / 2)]);
    const alive = await (await this.link()).call('task.heartbeat', { taskId, epoch });
    const inputs = ('result' in alive ? alive.result.inputs : []) as readonly Given[];
    for (const given of inputs) this.log.given(taskId, given.inputId, given.payload);
    if (inputs.length === 0) await Promise.race([came, delay(INPUT_MS / 2)]);
    this.#waiting.delete(inputId);
  }
}
