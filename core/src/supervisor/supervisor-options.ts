import { token } from '../plugin/token.js';

/** Bounds of the supervisor. */
export interface SupervisorOptions {
  /** Lower-case letters and digits that tell this daemon's processes from others'; the same after a restart, so that a next start finds leftovers. */
  readonly identity: string;
  /** Programs at most. */
  readonly programs: number;
  /** A longer line is cut. */
  readonly lineBytes: number;
  /** Kept for each program; older lines are dropped and counted. */
  readonly linesKept: number;
  readonly bytesKept: number;
  /** What is read of a stream each second; a program that prints faster is slowed down, nothing is lost. */
  readonly linesPerSecond: number;
  readonly bytesPerSecond: number;
  /** A program whose output had to be held back for this long without a break is killed, which counts as an unexpected end, milliseconds. */
  readonly floodMs: number;
  /** A program that goes on past a cut line for so many bytes is killed, which counts as an unexpected end. */
  readonly runawayLineBytes: number;
  /** The sentinel has this long to confirm that it watches a new process group, milliseconds. */
  readonly sentinelTimeoutMs: number;
  /** What a program that has ended wrote is waited for so long, milliseconds: only a process that escaped can hold its pipe open. */
  readonly lastOutputMs: number;
}
/** Token of {@link SupervisorOptions}. */
export const SupervisorOptions = token<SupervisorOptions>('supervisor-options');

/** {@link SupervisorOptions} unless configured; `identity` has to be given. */
export const DEFAULT_SUPERVISOR_OPTIONS: Omit<SupervisorOptions, 'identity'> = {
  programs: 256,
  lineBytes: 16 * 1024,
  linesKept: 1_000,
  bytesKept: 1024 * 1024,
  linesPerSecond: 10_000,
  bytesPerSecond: 8 * 1024 * 1024,
  floodMs: 30_000,
  runawayLineBytes: 64 * 1024 * 1024,
  sentinelTimeoutMs: 5_000,
  lastOutputMs: 2_000,
};
