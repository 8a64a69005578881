import type { Methods } from '../methods/index.js';
import type { ResultOf } from '../method.js';

/** The session as the daemon describes it. */
export type SessionView = ResultOf<Methods['session.get']>;

/** Where a client's connection is. */
export type ConnectionState =
  | { readonly state: 'connecting'; readonly attempt: number }
  | { readonly state: 'connected'; readonly session: SessionView | undefined }
  | { readonly state: 'waiting'; readonly attempt: number; readonly delayMs: number; readonly reason: string }
  | { readonly state: 'draining' }
  | { readonly state: 'closed'; readonly error?: Error };

/** States that wait for one reader; past it the oldest go, since only where the connection is now matters. */
const KEPT = 64;

/** The state of a connection, and who follows it. */
export class Status {
  #now: ConnectionState = { state: 'connecting', attempt: 1 };
  readonly #readers = new Set<(state: ConnectionState) => void>();

  get now(): ConnectionState {
    return this.#now;
  }

  set(state: ConnectionState): void {
    if (this.#now.state === 'closed') return;
    this.#now = state;
    for (const reader of this.#readers) reader(state);
  }

  /** The state now, then each change; ends after `closed`. */
  async *follow(): AsyncGenerator<ConnectionState, void, void> {
    const states = [this.#now];
    let wake: (() => void) | undefined;
    const reader = (state: ConnectionState) => {
      if (states.push(state) > KEPT) states.shift();
      wake?.();
    };
    this.#readers.add(reader);
    try {
      for (;;) {
        const state = states.shift();
        if (state === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else {
          yield state;
          if (state.state === 'closed') return;
        }
      }
    } finally {
      this.#readers.delete(reader);
    }
  }
}
