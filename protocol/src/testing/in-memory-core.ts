import type { Socket, SocketEvents } from '../client/socket.js';
import type { Time } from '../client/time.js';
import type { Role } from '../permission.js';

/** Who connects. */
export interface TestPrincipal {
  /** `tester` unless said. */
  readonly principal?: string;
  /** `agent` unless said. */
  readonly role?: Role;
}

/** The core as the test kit drives it; the package of the core has the one implementation. */
export interface InMemoryCore {
  /** What the clients of the test go by too. */
  readonly time: Time;
  /** Connects somebody. */
  open(who: Required<TestPrincipal>, events: SocketEvents): Socket;
  /** Cuts every connection, with what is on its way. */
  cut(): void;
  /** Cuts every connection, stops, and starts again with what is stored. */
  restart(): Promise<void>;
  /** Moves time on, and runs what falls due. */
  advance(ms: number): Promise<void>;
  stop(): Promise<void>;
}

/** What the module of the core exports as `startInMemoryCore`. */
export type StartInMemoryCore = (options: {
  /** Bounds of what the core answers, by the names of the configuration's `limits`. */
  readonly limits?: object;
  /** Who may use which tools, by the names of the configuration's `tools`. */
  readonly tools?: object;
}) => Promise<InMemoryCore>;
