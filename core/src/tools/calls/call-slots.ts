import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Timers } from '../../host/time.js';
import type { Cancellation } from '../cancellation.js';
import type { ToolCallLimits } from './call-limits.js';

/** What at most so many calls may be in at a time. */
export interface Gate {
  readonly key: string;
  inside: number;
  /** Those that wait, the first come first. */
  readonly waiting: Set<() => void>;
}

/** How many calls of one tool, or of one caller, go on at a time; more wait for a while. */
export class CallSlots {
  readonly #gates = new Map<string, Gate>();
  #queued = 0;

  constructor(
    private readonly limits: Pick<ToolCallLimits, 'queued' | 'queueMs'>,
    private readonly timers: Timers,
  ) {}

  /** Calls that wait. */
  get queued(): number {
    return this.#queued;
  }

  /**
   * Takes a place, which is given back by {@link CallSlots.leave}. Answers what it is a place of when there was one, otherwise what
   * resolves with that once there is.
   *
   * @param key what the places are of; it and `what` name it in the error
   * @param atOnce places
   * @param signal gives up waiting, with its reason
   * @throws OrchestratorError, also as rejection: `too_many_pending` when too many wait or it waited too long, `canceled`
   */
  enter(key: string, atOnce: number, what: string, signal: Cancellation): Gate | Promise<Gate> {
    let gate = this.#gates.get(key);
    if (gate === undefined) this.#gates.set(key, (gate = { key, inside: 0, waiting: new Set() }));
    if (gate.inside < atOnce && gate.waiting.size === 0) {
      gate.inside++;
      return gate;
    }
    if (this.#queued >= this.limits.queued) throw this.#full(what, atOnce);
    return this.#wait(gate, what, atOnce, signal);
  }

  /** Gives a place back, to who waits longest. */
  leave(gate: Gate): void {
    const [next] = gate.waiting.size === 0 ? NOBODY : gate.waiting;
    if (next !== undefined) next();
    else if (--gate.inside === 0) this.#gates.delete(gate.key);
  }

  #wait(gate: Gate, what: string, atOnce: number, signal: Cancellation): Promise<Gate> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        timer.cancel();
        signal.removeEventListener('abort', onAbort);
        gate.waiting.delete(enter);
        this.#queued--;
      };
      const enter = (): void => {
        end();
        resolve(gate);
      };
      const onAbort = (): void => {
        end();
        reject(new OrchestratorError('canceled', String(signal.reason)));
      };
      const timer = this.timers.after(this.limits.queueMs, () => {
        end();
        reject(this.#full(what, atOnce));
      });
      signal.addEventListener('abort', onAbort);
      gate.waiting.add(enter);
      this.#queued++;
      if (signal.aborted) onAbort();
    });
  }

  #full(what: string, atOnce: number): OrchestratorError {
    return new OrchestratorError('too_many_pending', `${what}: ${String(atOnce)} calls at a time, and others wait`, {
      limit: atOnce,
      resource: what,
    });
  }
}

const NOBODY: readonly (() => void)[] = [];
