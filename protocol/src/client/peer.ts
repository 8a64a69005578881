import { Agents } from './agents.js';
import { Calls } from './calls.js';
import type { ClientOptions } from './client-options.js';
import { ConnectionError } from './connection-error.js';
import type { Errands } from './errands.js';
import { IncomingCalls } from './incoming-calls.js';
import { Link } from './link.js';
import { CLIENT_DEFAULTS, type ClientLimits } from './options.js';
import { Outbox } from './outbox.js';
import { Receipts } from './receipts.js';
import { Reception } from './reception.js';
import { Requester } from './requester.js';
import { rpcUrl } from './rpc-url.js';
import type { Sockets } from './socket.js';
import { Status } from './status.js';
import { Submitter } from './submitter.js';
import { Subscriptions } from './subscriptions.js';
import type { SynchronizationSurroundings } from './synchronization.js';
import { PLATFORM_TIME, type Time, type Timer } from './time.js';
import { ToolCaller } from './tool-caller.js';
import { requestText } from './wire.js';

/**
 * Our side of the connection, over all of its sockets: what we call and what we are called for, and what is taken up again on each new
 * socket.
 */
export class Peer {
  readonly status = new Status();
  readonly calls: Calls;
  readonly incoming: IncomingCalls;
  readonly subscriptions: Subscriptions;
  readonly agents: Agents;
  readonly submitter: Submitter;
  readonly errands: Errands;
  /** What documents are kept in step with. */
  readonly documents: SynchronizationSurroundings;
  readonly link: Link;
  readonly #limits: ClientLimits;
  readonly #time: Time;
  readonly #report: (error: unknown, where: string) => void;
  #ran: Promise<void> = Promise.resolve();

  constructor(options: ClientOptions, sockets: Sockets) {
    const { url, token, random = Math.random, time = PLATFORM_TIME, onError } = options;
    const report = onError ?? ((error, where) => globalThis.console.error(where, error));
    const limits: ClientLimits = { ...CLIENT_DEFAULTS, ...options };
    const calls = new Calls(limits, time);
    const subscriptions = new Subscriptions(calls, limits, random, time);
    this.#report = report;
    this.#limits = limits;
    this.#time = time;
    this.calls = calls;
    this.subscriptions = subscriptions;
    this.documents = { calls, subscriptions, limits, random, time };
    this.incoming = new IncomingCalls(limits.maxIncomingCalls, report);
    this.submitter = new Submitter({ calls, subscriptions, limits, time });
    this.errands = this.#errands(new Outbox(calls, new Receipts(calls, subscriptions, { limits, random, time })));
    this.agents = new Agents({ calls, errands: this.errands, limits, random, time, report });
    const { incoming, agents } = this;
    const stayAway = (ms: number) => this.link.stayAway(ms);
    const reception = new Reception({ calls, incoming, agents, subscriptions, stayAway, report });
    this.link = new Link({
      url: rpcUrl(url),
      token,
      sockets,
      random,
      time,
      limits,
      status: this.status,
      onMessage: (message, connection) => {
        try {
          reception.receive(message, connection);
        } catch (error) {
          report(error, 'a message of the daemon');
        }
      },
      onConnected: (connection) => {
        // Agents and subscriptions first: calls that waited may depend on them.
        calls.online(connection);
        agents.connected();
        subscriptions.connected();
        calls.flush();
      },
      onLost: () => this.#lost(),
    });
  }

  /** Resolves with the first connection. */
  async start(): Promise<void> {
    this.#ran = this.link.run().then(
      () => this.#finish(),
      (error: unknown) => this.#finish(error instanceof Error ? error : new Error(String(error))),
    );
    for await (const { state, ...how } of this.status.follow()) {
      if (state === 'connected') return;
      if (state === 'closed') throw 'error' in how ? how.error : new ConnectionError('closed');
    }
    throw new ConnectionError('closed');
  }

  /** Takes no new calls, lets nothing more come, waits for what is in flight in both directions, and closes. */
  async drain(timeoutMs: number = this.#limits.drainTimeoutMs): Promise<void> {
    if (this.status.now.state === 'closed') return;
    this.calls.drain();
    this.status.set({ state: 'draining' });
    const quiet = this.#quiet();
    let timer: Timer | undefined;
    const late = new Promise<void>((resolve) => (timer = this.#time.after(timeoutMs, resolve)));
    try {
      await Promise.race([quiet, late]);
    } finally {
      timer?.cancel();
      await this.close();
    }
  }

  /** Closes at once; calls that are not answered fail with `closed`. */
  async close(): Promise<void> {
    this.#fail(new ConnectionError('closed'));
    await this.link.stop(1000, 'closed');
    await this.#ran;
  }

  #errands(outbox: Outbox): Errands {
    const requester = new Requester(this.calls, this.#limits);
    const caller = new ToolCaller(this.calls);
    return {
      request: async (to, payload, how) => requester.request(to, payload, how),
      send: async (to, payload, how) => outbox.send(to, payload, how),
      submit: async (to, input, how) => this.submitter.submit(to, input, how),
      callTool: async (name, args, how) => caller.call(name, args, how),
      notify: (method, params) => this.link.connection?.send(requestText(method, params)),
    };
  }

  async #quiet(): Promise<void> {
    await this.agents.drain().catch((error: unknown) => this.#report(error, 'drain'));
    await this.incoming.idle();
    await this.agents.idle();
    await this.calls.idle();
  }

  #lost(): void {
    this.agents.lost();
    this.subscriptions.lost();
    this.calls.lost();
    this.incoming.lost();
  }

  #finish(error?: Error): void {
    this.#fail(error ?? new ConnectionError('closed'), error);
    this.status.set({ state: 'closed', ...(error ? { error } : {}) });
  }

  #fail(error: Error, shown?: Error): void {
    this.agents.close(shown);
    this.subscriptions.close(shown);
    this.calls.close(error);
    this.incoming.lost();
  }
}
