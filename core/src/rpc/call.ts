import type { Principal } from '../permissions/principal.js';
import type { Session } from './session.js';

/** One call on its way: who, from where, and what it came with besides its params. */
export interface Call {
  readonly method: string;
  /** The request's id as its sender wrote it; `undefined` for a notification. */
  readonly id: string | number | undefined;
  readonly principal: Principal;
  /** The connection it came by; `undefined` when the daemon or an HTTP request makes it. */
  readonly session: Session | undefined;
  /** Aborted when the caller cancels, its connection ends or the daemon gives up on it. Made when first asked for. */
  readonly signal: AbortSignal;
  /**
   * The same without the cost of a signal, for the hot path: `listener` is called at most once, and at once if it is too late. A
   * second listener replaces the first.
   */
  onCancel(listener: (reason: string) => void): void;
  /** W3C traceparent that the call carries. */
  readonly traceparent: string | undefined;
  /** The bytes of the method's relayed member, checked to be JSON within the limits; valid until the handler's first await. */
  readonly relayed: Uint8Array | undefined;
}
