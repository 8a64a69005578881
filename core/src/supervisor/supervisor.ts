import type { Readable, Writable } from 'node:stream';
import { token } from '../plugin/token.js';

/** A program to run; only from the configuration of an admin. */
export interface ProgramSpec {
  /** Unique among programs. */
  readonly name: string;
  /** Absolute path; run without a shell. */
  readonly command: string;
  readonly args: readonly string[];
  /** Added to a clean environment (PATH, LANG, TZ, HOME and nothing else of the daemon's). */
  readonly env?: Readonly<Record<string, string>>;
  readonly workingDirectory?: string;
  /** Whether the supervisor keeps stdout as lines (`lines`) or hands it to the owner as a stream (`pipe`, with stdin). */
  readonly stdio: 'lines' | 'pipe';
  readonly restart: {
    /** Given up after this many unexpected ends within the period. */
    readonly intensity: number;
    readonly periodMs: number;
    readonly backoffMs: number;
    readonly maxBackoffMs: number;
  };
  /** With `pipe`: from the end of its stdin to TERM, when it is stopped; TERM comes at once unless said. */
  readonly closeTimeoutMs?: number;
  /** From TERM to KILL. */
  readonly stopTimeoutMs: number;
}

/** Where a program is in its life. */
export type ProgramState = 'starting' | 'running' | 'backoff' | 'stopping' | 'stopped' | 'failed';

/** A program's state, for people. */
export interface ProgramView {
  readonly name: string;
  readonly state: ProgramState;
  readonly pid?: number;
  readonly startedAt?: number;
  readonly restarts: number;
  readonly exit?: string;
  /** Why it does not run, ending with its last words on stderr, where it ended by itself. */
  readonly reason?: string;
}

/** One captured line. */
export interface ProgramLine {
  readonly at: number;
  readonly stream: 'stdout' | 'stderr';
  readonly line: string;
  readonly truncated: boolean;
}

/** The streams of a program that its owner talks to; of its present run. */
export interface ProgramStdio {
  readonly stdin: Writable;
  readonly stdout: Readable;
}

/** A program under supervision. */
export interface Program {
  /** For a program whose `stdio` is `pipe`, while it runs; another after each restart. */
  readonly stdio: ProgramStdio | undefined;
  view(): ProgramView;
  lines(count: number): { readonly lines: readonly ProgramLine[]; readonly dropped: number };
  /** Puts a line of its stdout, which its owner reads with `pipe`, among those that {@link lines} answers. */
  keep(line: string, truncated: boolean): void;
  /** Resolves when the new process runs; forgets earlier failures. */
  restart(): Promise<void>;
  /** Ends its stdin where its rule says so, then TERM to the whole process group, KILL after the limit; resolves when all of it is gone. */
  stop(): Promise<void>;
  /** Ends its present run for what it did, by TERM at once; counts as an unexpected end, so that it is started again by its rule. */
  fail(why: string): Promise<void>;
  /** Stops it for good; its name is free. */
  remove(): Promise<void>;
  onChange(listener: (view: ProgramView) => void): () => void;
}

/** Runs child processes: own process group, restarted by intensity, dead with the daemon even after kill -9. */
export interface Supervisor {
  /** How long what a program wrote is waited for after its end. */
  readonly lastOutputMs: number;
  /** @throws Error when the name is taken or the command is not an absolute path of an executable file */
  start(spec: ProgramSpec): Program;
  get(name: string): Program | undefined;
  all(): readonly Program[];
  /** Stops everything, last started first. */
  stopAll(): Promise<void>;
}
/** Token of {@link Supervisor}. */
export const Supervisor = token<Supervisor>('supervisor');
