import type { Random, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HeldCall } from './held-call.js';
import { stale } from './sealed-state.js';

interface Kept {
  readonly call: HeldCall;
  readonly principalId: string;
  readonly timer: Timer;
}

/** How many calls may wait for their clients' answers, and how long. */
export interface HeldCallLimits {
  readonly calls: number;
  readonly callsOfPrincipal: number;
  readonly waitMs: number;
}

/** Calls that wait for answers of modern clients, which may never come. */
export class HeldCalls {
  readonly #kept = new Map<string, Kept>();
  readonly #ofPrincipal = new Map<string, number>();

  constructor(
    private readonly timers: Timers,
    private readonly random: Random,
    private readonly limits: HeldCallLimits,
  ) {}

  get size(): number {
    return this.#kept.size;
  }

  /** Keeps a call until it is taken or its time is over. @throws OrchestratorError `limit_exceeded`; the call is then canceled */
  keep(call: HeldCall): string {
    const { id: principalId } = call.operation.view.principal;
    const ofPrincipal = this.#ofPrincipal.get(principalId) ?? 0;
    const { calls, callsOfPrincipal, waitMs } = this.limits;
    if (this.#kept.size >= calls || ofPrincipal >= callsOfPrincipal) {
      call.cancel('too many calls wait for answers of their clients');
      throw new OrchestratorError('limit_exceeded', 'too many calls wait for answers; answer or give up some first', {
        limit: { name: 'downstream.heldCallsOfPrincipal', value: callsOfPrincipal },
      });
    }
    const id = this.random.bytes(18).toString('base64url');
    const timer = this.timers.after(waitMs, () => {
      this.#forget(id);
      call.cancel('the client did not answer in time');
    });
    call.detach();
    this.#kept.set(id, { call, principalId, timer });
    this.#ofPrincipal.set(principalId, ofPrincipal + 1);
    return id;
  }

  /** Takes a call out: each can be gone on with once. @throws RpcError -32602 */
  take(id: string): HeldCall {
    const kept = this.#kept.get(id);
    if (kept === undefined) throw stale();
    this.#forget(id);
    return kept.call;
  }

  /** Gives all of them up. */
  close(): void {
    for (const [id, { call }] of this.#kept) {
      this.#forget(id);
      call.cancel('the gateway stops');
    }
  }

  #forget(id: string): void {
    const kept = this.#kept.get(id);
    if (kept === undefined) return;
    kept.timer.cancel();
    this.#kept.delete(id);
    const left = (this.#ofPrincipal.get(kept.principalId) ?? 1) - 1;
    if (left === 0) this.#ofPrincipal.delete(kept.principalId);
    else this.#ofPrincipal.set(kept.principalId, left);
  }
}
