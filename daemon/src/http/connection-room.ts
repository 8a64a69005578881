import type { CheckResult, Counter, Log } from '@ai-orchestrator/core/plugin';
import type { Server } from 'node:http';

/** How often an alarm about refused connections is written at most. */
const ALARM_EVERY_MS = 10_000;
/** While paused; none at all would mean no bound to node. */
const NEXT_TO_NONE = 1;
/** The last of the room is for telling a client what is wrong; so many at most, and no more than this share. */
const SURPLUS = 16;
const SURPLUS_SHARE = 1 / 8;

/**
 * How many connections there may be. The last few that fit are surplus: what they ask for is refused in words, and probes are answered,
 * so that nobody takes a daemon that is full for one that is dead. What does not fit at all is closed as it comes.
 *
 * Accepting is never stopped: this runtime can do so only by giving up the port, which another process of the machine could then take, and
 * with it the keys of those who call; and whoever waits in the kernel's queue is told nothing, where a closed connection is tried again.
 */
export class ConnectionRoom {
  readonly #surplus = new WeakSet<object>();
  /** Open at most before the surplus begins. */
  readonly #ordinary: number;
  #server: Server | undefined;
  #open = 0;
  #paused = false;
  #lastAlarm = -Infinity;
  #lastRefusal = -Infinity;

  /** @param connections open at most, surplus ones included */
  constructor(
    private readonly connections: number,
    private readonly refused: Counter,
    private readonly log: Log,
  ) {
    this.#ordinary = connections - Math.min(SURPLUS, Math.floor(connections * SURPLUS_SHARE));
  }

  /**
   * Bounds the connections of a server.
   *
   * @param opened its event that hands over the socket of a request: `connection`, or `secureConnection` with TLS
   */
  guard(server: Server, opened: 'connection' | 'secureConnection'): void {
    this.#server = server;
    server.maxConnections = this.connections;
    server.on('connection', (socket) => {
      this.#open++;
      socket.once('close', () => this.#open--);
    });
    server.on(opened, (socket: object) => {
      if (this.#open > this.#ordinary) this.#surplus.add(socket);
    });
    server.on('drop', () => this.alarm('there are too many (http.connections, or the limit of open files)'));
  }

  /** Whether there is room only to tell this one that there is none; counts it as refused. */
  refuses(socket: object): boolean {
    if (!this.#surplus.has(socket)) return false;
    if (this.#open <= this.#ordinary) {
      // Others have gone since it came.
      this.#surplus.delete(socket);
      return false;
    }
    this.alarm('there are too many (http.connections, or the limit of open files)');
    return true;
  }

  /** Unhealthy while connections are being refused for want of room. */
  verdict(): CheckResult {
    if (!this.#paused && performance.now() - this.#lastRefusal > ALARM_EVERY_MS) return { healthy: true };
    return {
      healthy: false,
      reason: `connections are refused: raise http.connections (${this.connections}) and the limit of open files`,
    };
  }

  /** Takes no further connections: they are closed as they come, and counted. */
  pause(reason: string): void {
    this.#paused = true;
    if (this.#server !== undefined) this.#server.maxConnections = NEXT_TO_NONE;
    this.alarm(reason);
  }

  /** Takes connections again. */
  resume(): void {
    this.#paused = false;
    this.#lastRefusal = -Infinity;
    this.#lastAlarm = -Infinity;
    if (this.#server !== undefined) this.#server.maxConnections = this.connections;
    this.log.info({ connections: this.connections }, 'connections are taken again');
  }

  /** Counts a refused connection, and says so, though not each time. */
  alarm(reason: string): void {
    this.refused.add();
    this.#lastRefusal = performance.now();
    if (this.#lastRefusal - this.#lastAlarm < ALARM_EVERY_MS) return;
    this.#lastAlarm = this.#lastRefusal;
    this.log.error({ connections: this.connections }, `connections are refused: ${reason}`);
  }
}
