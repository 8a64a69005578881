import type { Principal } from '../permissions/principal.js';
import type { Call } from './call.js';
import type { RegisteredMethod } from './registered-method.js';
import type { ReplySink } from './reply.js';
import type { Session } from './session.js';
import type { Slotted } from './slots.js';

/** A call as handlers see it, and what is needed to answer or cancel it. */
export class CallContext implements Call, Slotted {
  slot = -1;
  params: unknown = undefined;
  relayed: Uint8Array | undefined = undefined;
  #canceled: string | undefined = undefined;
  #listener: ((reason: string) => void) | undefined = undefined;
  #controller: AbortController | undefined = undefined;

  /**
   * @param idText the id as it was written; `undefined` for a notification
   * @param registered what answers it; `undefined` when there is no such method
   * @param startedMs monotonic milliseconds
   */
  constructor(
    readonly method: string,
    readonly idText: string | undefined,
    readonly principal: Principal,
    readonly session: Session | undefined,
    readonly registered: RegisteredMethod | undefined,
    readonly sink: ReplySink,
    readonly startedMs: number,
  ) {}

  /** A request with the id null has none that anybody could refer to. */
  get id(): string | number | undefined {
    if (this.idText === undefined || this.idText === 'null') return undefined;
    return JSON.parse(this.idText) as string | number;
  }

  get traceparent(): string | undefined {
    return (this.params as { traceparent?: string } | undefined)?.traceparent;
  }

  get canceled(): boolean {
    return this.#canceled !== undefined;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#canceled !== undefined) this.#controller.abort(this.#canceled);
    }
    return this.#controller.signal;
  }

  onCancel(listener: (reason: string) => void): void {
    if (this.#canceled === undefined) this.#listener = listener;
    else listener(this.#canceled);
  }

  /** Tells whoever works on it that nobody waits; only the first time counts. */
  cancel(reason: string): void {
    if (this.#canceled !== undefined) return;
    this.#canceled = reason;
    const listener = this.#listener;
    this.#listener = undefined;
    this.#controller?.abort(reason);
    listener?.(reason);
  }
}
