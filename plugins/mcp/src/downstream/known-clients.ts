import type { Clock, Principal } from '@ai-orchestrator/core/plugin';
import { isObject, type JsonObject } from '../upstream/json.js';
import { textOf } from './members.js';

/** Of what a client says of itself, as much is kept. */
const TEXT = 128;

/** A program that speaks MCP with the daemon, as it says of itself; nothing of it is to be believed but the principal. */
export interface KnownClient {
  readonly principal: string;
  readonly revision: string;
  readonly name?: string;
  readonly version?: string;
  /** Wall-clock milliseconds of its last session, or of its last request where there are none. */
  readonly lastAt: number;
}

/** Which clients speak which revisions. Of more than it keeps, those not heard of for longest are forgotten. */
export class KnownClients {
  readonly #clients = new Map<string, { -readonly [K in keyof KnownClient]: KnownClient[K] }>();
  #last: KnownClient | undefined;

  /**
   * @param limit clients that are kept
   * @param met called with each that was not known
   */
  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
    private readonly met: (client: KnownClient) => void,
  ) {}

  /** A client spoke. @param info what MCP calls Implementation */
  heard({ id: principal }: Principal, revision: string, info: unknown): void {
    const { name, version }: JsonObject = isObject(info) ? info : {};
    const key = `${principal}\n${revision}\n${textOf(name).slice(0, TEXT)}\n${textOf(version).slice(0, TEXT)}`;
    let client = this.#clients.get(key);
    if (client === undefined) {
      client = {
        principal,
        revision,
        ...(typeof name === 'string' && { name: name.slice(0, TEXT) }),
        ...(typeof version === 'string' && { version: version.slice(0, TEXT) }),
        lastAt: 0,
      };
      this.#forgetOldest();
      this.met(client);
    }
    // The last heard of comes last, where it is already when it goes on speaking.
    if (client !== this.#last) {
      this.#clients.delete(key);
      this.#clients.set(key, client);
      this.#last = client;
    }
    client.lastAt = this.clock.now();
  }

  /** The last heard of first. */
  all(): readonly KnownClient[] {
    return [...this.#clients.values()].reverse();
  }

  #forgetOldest(): void {
    const [oldest] = this.#clients.keys();
    if (this.#clients.size >= this.limit && oldest !== undefined) this.#clients.delete(oldest);
  }
}
