import { hash } from 'node:crypto';
import type { AgentLink } from './agent-link.js';
import type { Outcome } from './evidence.js';
import type { History } from './history.js';

/** An attempt that reached an agent. */
export interface Attempt {
  readonly id: string;
  readonly delivery: string;
  readonly attempt: number;
}

/** What every payload of the harness holds. */
export interface Payload {
  readonly key: string;
  /** Came of handling something else. */
  readonly effect?: boolean;
  /** Input that a worker asks for. */
  readonly ask?: { readonly taskId: string; readonly inputId: string };
}

type As = 'handled' | 'failed' | 'again';

/** What an agent writes down about attempts, before it says anything about them to the daemon. */
export class AttemptLog {
  #calls = 0;

  /** @param name that no other process of the harness has */
  constructor(
    private readonly name: string,
    private readonly history: History,
    private readonly link: () => Promise<AgentLink>,
  ) {}

  begun(attempt: Attempt, payload: Payload, place: { readonly priority: number; readonly sequence?: number }): void {
    const read = { key: payload.key, hash: hash('sha256', JSON.stringify(payload)) };
    this.history.write({ op: 'delivered', ...attempt, ...place, ...read });
  }

  /** About to be said in an answer, which nobody acknowledges. */
  saying(attempt: Attempt, as: As): void {
    this.history.write({ op: 'settle', ...attempt, as });
  }

  /** Input came that a task had asked for. */
  given(id: string, inputId: string, payload: object): void {
    this.history.write({ op: 'input', id, inputId, hash: hash('sha256', JSON.stringify(payload)) });
  }

  /** Says it by a call, some times. */
  async say(times: number, attempt: Attempt, as: As, method: string, params: object): Promise<void> {
    for (let i = 0; i < times; i++) {
      const call = `${this.name}-a${String(++this.#calls)}`;
      const link = await this.link();
      this.history.write({ op: 'settle', ...attempt, as, call });
      const answer = await link.call(method, params);
      if ('unknown' in answer) return;
      const how = 'error' in answer ? { error: answer.error } : outcomeIn(answer.result);
      this.history.write({ op: 'settled', id: attempt.id, call, ...how });
    }
  }
}

/** What an answer says of the end of the item: that of a message, or the state of a task. */
function outcomeIn({ outcome, state }: Readonly<Record<string, unknown>>): { outcome?: Outcome } {
  if (state === 'completed') return { outcome: 'handled' };
  return outcome === undefined ? {} : { outcome: outcome as Outcome };
}
