import type { Counter, Histogram, Instruments, Labeled } from '../host/instruments.js';
import type { HeldTasks } from './held-tasks.js';
import type { Task } from './task.js';
import type { WaitingTasks } from './waiting-tasks.js';

const SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600, 86_400,
];

/** What became of an attempt. */
export type AttemptOutcome = 'completed' | 'failed' | 'lost' | 'canceled' | 'rejected' | 'interrupted';

/** What is measured of tasks. */
export class TaskMeters {
  readonly submitted: Counter;
  readonly deadLetters: Counter;
  readonly lateResults: Counter;
  readonly #ended: Labeled<Counter>;
  readonly #attempts: Labeled<Counter>;
  readonly #waited: Histogram;
  readonly #ran: Histogram;

  constructor(instruments: Instruments, held: HeldTasks, waiting: WaitingTasks) {
    this.submitted = instruments.counter('orchestrator_tasks_submitted_total', 'Tasks accepted.').with();
    this.deadLetters = instruments
      .counter('orchestrator_task_dead_letters_total', 'Tasks whose attempts were used up.')
      .with();
    this.lateResults = instruments
      .counter('orchestrator_task_late_results_total', 'Results of attempts that were over.')
      .with();
    this.#ended = instruments.counter('orchestrator_tasks_ended_total', 'Tasks that came to their end.', ['state']);
    this.#attempts = instruments.counter('orchestrator_task_attempts_total', 'Attempts that came to their end.', [
      'outcome',
    ]);
    this.#waited = instruments
      .histogram('orchestrator_task_queue_seconds', 'From submission or retry to assignment.', SECONDS)
      .with();
    this.#ran = instruments
      .histogram('orchestrator_task_run_seconds', 'From assignment to the end of an attempt.', SECONDS)
      .with();
    instruments.gauge('orchestrator_tasks', 'Tasks that have not ended.', ['state'], () => {
      const counts = new Map([['submitted', waiting.size]]);
      for (const { task } of held.all()) counts.set(task.state, (counts.get(task.state) ?? 0) + 1);
      return [...counts].map(([state, value]) => ({ value, labels: [state] }));
    });
  }

  assigned({ queuedAt, updatedAt }: Task): void {
    this.#waited.observe(Math.max(0, updatedAt - queuedAt) / 1000);
  }

  attemptEnded(outcome: AttemptOutcome, ms: number): void {
    this.#attempts.with(outcome).add();
    this.#ran.observe(Math.max(0, ms) / 1000);
  }

  ended({ state }: Task): void {
    this.#ended.with(state).add();
  }
}
