import { token } from '../plugin/token.js';

/** Where time comes from. Leases, time limits and order go by `monotonicMs`; records and tokens by `now`. */
export interface Clock {
  /** Wall clock, milliseconds since 1970 UTC; may jump. */
  now(): number;
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
}
/** Token of {@link Clock}. */
export const Clock = token<Clock>('clock');

/** A timer that was started; canceling twice is harmless. */
export interface Timer {
  cancel(): void;
}

/** Starts timers; none of them keeps the process alive. */
export interface Timers {
  after(ms: number, run: () => void): Timer;
  every(ms: number, run: () => void): Timer;
}
/** Token of {@link Timers}. */
export const Timers = token<Timers>('timers');

/** Where randomness and ids come from. */
export interface Random {
  /** Cryptographically strong bytes. */
  bytes(count: number): Buffer;
  /** A new UUIDv7; later ones sort after earlier ones, also when the wall clock goes back. */
  uuid(): string;
  /** 0 <= n < 1, for jitter. */
  fraction(): number;
}
/** Token of {@link Random}. */
export const Random = token<Random>('random');
