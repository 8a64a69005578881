import { setTimeout as delay } from 'node:timers/promises';
import { CommandFailure } from '../command-failure.js';
import { NotDelivered, type McpAddress, type McpAnswer, type McpExchange, type McpHttp } from './mcp-http.js';

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 1_000;

/** The way to the daemon: looked for again, with its key, whenever it is not where it was. */
export class DaemonLink {
  #address: McpAddress | undefined;
  #url = 'the address of the daemon';

  /**
   * @param find where the daemon is now
   * @param unreachableMs how long a daemon that is not there is waited for
   */
  constructor(
    private readonly http: McpHttp,
    private readonly find: () => Promise<McpAddress>,
    private readonly unreachableMs: number,
  ) {}

  /** Where the daemon was last, for people. */
  get url(): string {
    return this.#url;
  }

  /** Forgets the key, which may have been replaced since. */
  forget(): void {
    this.#address = undefined;
  }

  /**
   * Sends one request; while nobody is there to take it, again.
   *
   * @throws NotDelivered or CommandFailure when there was no daemon in time, Error when the connection broke
   */
  async send(exchange: McpExchange): Promise<McpAnswer> {
    const until = performance.now() + this.unreachableMs;
    for (let pause = FIRST_WAIT_MS; ; pause = Math.min(LONGEST_WAIT_MS, pause * 2)) {
      try {
        this.#address ??= await this.find();
        this.#url = this.#address.url;
        const answer = await this.http.send(this.#address, exchange);
        if (answer.status === 401) this.forget();
        return answer;
      } catch (error) {
        this.forget();
        if (!mayCome(error) || performance.now() + pause > until) throw error;
        await delay(pause, undefined, { signal: exchange.signal });
      }
    }
  }
}

function mayCome(error: unknown): boolean {
  return error instanceof NotDelivered || (error instanceof CommandFailure && error.exit === 'unreachable');
}
