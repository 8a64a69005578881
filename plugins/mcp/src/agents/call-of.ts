import type { Call, Principal } from '@ai-orchestrator/core/plugin';
import type { JsonValue } from '../upstream/json.js';

/** What else a call that is made for a caller has to it. */
export interface CallOf {
  readonly signal?: AbortSignal | undefined;
  readonly traceparent?: string | undefined;
  /** What the method relays. */
  readonly relayed?: JsonValue;
}

const NEVER = new AbortController().signal;

/** A call of one of the daemon's methods in the name of a caller, who is on no connection of the daemon's own. */
export function callOf(
  method: string,
  principal: Principal,
  { signal = NEVER, traceparent, relayed }: CallOf = {},
): Call {
  return {
    method,
    id: undefined,
    principal,
    session: undefined,
    signal,
    onCancel: (listener) => {
      if (signal.aborted) listener(String(signal.reason));
      else signal.addEventListener('abort', () => listener(String(signal.reason)), { once: true });
    },
    traceparent,
    relayed: relayed === undefined ? undefined : Buffer.from(JSON.stringify(relayed)),
  };
}
