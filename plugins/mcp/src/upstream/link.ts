import type { ProgramLine } from '@ai-orchestrator/core/plugin';
import type { Receiver, Wire } from './wire.js';

/** How a server is reached: a child process, or a URL. It comes back by itself after a failure, by its rule. */
export interface Link {
  readonly kind: 'stdio' | 'http';
  readonly restarts: number;
  /** @throws Error when it never can be reached so: no such command */
  start(owner: LinkOwner): Promise<void>;
  /**
   * The present connection is of no use: end it and try again, unless that happened too often.
   *
   * @param renew the server lives and only wants to be greeted anew
   */
  fail(why: string, renew: boolean): void;
  /** Resolves when the server is being connected to anew; forgets earlier failures. */
  restart(): Promise<void>;
  /** Resolves when nothing of it is left. */
  stop(): Promise<void>;
  /** What it wrote to stderr, and to stdout that is no message, oldest first. */
  logs(count: number): readonly ProgramLine[];
}

/** Who uses a link. */
export interface LinkOwner {
  /** The server can be talked to now. */
  up(open: (receiver: Receiver) => Wire): void;
  /** It cannot; resolves when the connection that there was is closed. */
  down(state: 'connecting' | 'backoff' | 'failed' | 'stopped', reason: string | undefined): Promise<void>;
}
