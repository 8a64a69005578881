import type { ClientLimits } from './options.js';
import type { Time } from './time.js';

/** How to reach the daemon. */
export interface ClientOptions extends Partial<ClientLimits> {
  /** `ws:` or `wss:` address; `http:` does too, and the path is `/rpc` unless said. */
  readonly url: string;
  /** API key; without one only public methods can be called. */
  readonly token?: string;
  /** 0 <= n < 1, for jitter; Math.random unless said. */
  readonly random?: () => number;
  /** The platform's own unless said. */
  readonly time?: Time;
  /** Told what a handler threw, and of answers to no call of ours; the console's `error` unless said. */
  readonly onError?: (error: unknown, where: string) => void;
}
