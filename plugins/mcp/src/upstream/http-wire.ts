import type { Log, Timer, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { InFlight } from '../in-flight.js';
import { HttpExchange, type ExchangeListener, type Outcome } from './http-exchange.js';
import type { HttpDoor } from './http-link.js';
import { refusalOf, SessionGone } from './http-refusal.js';
import { Intake } from './intake.js';
import { JoinedFields } from './joined-fields.js';
import { readMessages, type Outgoing, type RequestId } from './message.js';
import type { UpstreamLimits } from './upstream-limits.js';
import type { Receiver, Wire } from './wire.js';

type Fields = Readonly<Record<string, string>>;

/** What an HTTP wire needs. */
export interface HttpSurroundings {
  readonly log: Log;
  readonly timers: Timers;
  readonly limits: UpstreamLimits;
}

const POST: Fields = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const NONE: Fields = {};
const GET: Fields = { accept: 'text/event-stream' };
const OLD_TRANSPORT =
  'the server speaks the HTTP+SSE transport of 2024-11-05, which the daemon does not: give the URL of its streamable HTTP endpoint (often /mcp instead of /sse), or run a bridge to it as a server over stdio';

/**
 * JSON-RPC over streamable HTTP, both eras: each message is a POST, answered by a body or an event stream [2026-07-28, 2025-11-25
 * transports]. A session that a legacy server gives is kept, and ended at the end.
 */
export class HttpWire implements Wire {
  #session: string | undefined;
  /** Fields of the session, where there is one. */
  #ofSession: Fields = NONE;
  /** Fields of the latest request that every later one of a legacy session repeats: its version. */
  #version: Fields = NONE;
  readonly #fields = new JoinedFields();
  readonly #open = new InFlight<RequestId, HttpExchange>();
  /** Exchanges of what has no answer, notifications and answers of ours, and when they are given up. */
  readonly #told = new Map<HttpExchange, Timer>();
  #listening: HttpExchange | undefined;
  #over = false;
  readonly #intake: Intake;

  constructor(
    private readonly door: HttpDoor,
    private readonly receiver: Receiver,
    private readonly around: HttpSurroundings,
  ) {
    const { limits, timers } = around;
    this.#intake = new Intake(limits, timers, () => this.#break(`it sent more than is read for ${limits.floodMs} ms`));
  }

  send(message: Outgoing, headers: Fields = NONE): void {
    if (this.#over) return;
    const { 'mcp-protocol-version': version } = headers;
    if (version !== undefined && version !== this.#version['mcp-protocol-version']) {
      this.#version = { 'mcp-protocol-version': version };
    }
    const id = 'id' in message && 'method' in message ? message.id : undefined;
    const isGreeting = id !== undefined && 'method' in message && message.method === 'initialize';
    this.#post(JSON.stringify(message), headers, id, isGreeting, true);
  }

  abandon(id: RequestId): void {
    this.#open.get(id)?.abandon();
    this.#open.delete(id);
  }

  listen(): void {
    this.#follow(undefined, undefined, this.around.limits.reopenMs);
  }

  /** Recognizes the transport of revision 2024-11-05 by the first event of its stream [2025-11-25 transports, backwards compatibility]. */
  mistaken(): Promise<string | undefined> {
    return new Promise((resolve) => {
      const end = (what: string | undefined): void => {
        timer.cancel();
        this.#listening = undefined;
        exchange.abandon();
        resolve(what);
      };
      const timer = this.around.timers.after(this.around.limits.probeMs, () => end(undefined));
      const exchange = this.#exchange({
        event: () => end(undefined),
        other: (type) => end(type === 'endpoint' ? OLD_TRANSPORT : undefined),
        ended: () => end(undefined),
      });
      // Ends with the wire.
      this.#listening = exchange;
      this.#dispatch('GET', GET, NONE, undefined, true, exchange);
    });
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.#leave();
    if (this.#session !== undefined) await this.#goodbye();
  }

  #post(body: string, headers: Fields, id: RequestId | undefined, isGreeting: boolean, mayRetry: boolean): void {
    const listens = headers['mcp-method'] === 'subscriptions/listen';
    const exchange = this.#exchange({
      started: (status, { 'mcp-session-id': session }) => {
        if (isGreeting && status === 200 && typeof session === 'string') {
          this.#session = session;
          this.#ofSession = { 'mcp-session-id': session };
        }
      },
      event: (data) => this.#read(data, id),
      ended: (outcome) => {
        if (id !== undefined) this.#open.delete(id);
        this.#forget(exchange);
        if (outcome.kind === 'body' && mayRetry && (outcome.status === 401 || outcome.status === 403)) {
          this.#tryAgain(outcome, exchange.authorization, id, () => this.#post(body, headers, id, isGreeting, false));
        } else this.#ended(outcome, id);
      },
    });
    if (id !== undefined) this.#open.set(id, exchange);
    else this.#giveTime(exchange);
    this.#dispatch('POST', POST, headers, body, listens, exchange);
  }

  /** Nobody waits for the end of what has no answer: it does not hold a connection for ever. */
  #giveTime(exchange: HttpExchange): void {
    const { timers, limits } = this.around;
    const timer = timers.after(limits.requestMs, () => {
      this.#forget(exchange);
      exchange.abandon();
    });
    this.#told.set(exchange, timer);
  }

  #forget(exchange: HttpExchange): void {
    this.#told.get(exchange)?.cancel();
    this.#told.delete(exchange);
  }

  #dispatch(
    method: 'GET' | 'POST',
    general: Fields,
    own: Fields,
    body: string | undefined,
    isLong: boolean,
    exchange: HttpExchange,
  ): void {
    const allowed = this.door.authorization.headers();
    const go = (credentials: Fields): void => {
      const headers = this.#fields.of(credentials, general, this.#version, own, this.#ofSession);
      exchange.authorization = credentials;
      const { path, streams, requests } = this.door;
      exchange.goOver(isLong ? streams : requests, { method, path, headers, body });
    };
    if (allowed instanceof Promise) {
      allowed.then(go, (why: unknown) => exchange.fail(why as Error));
    } else go(allowed);
  }

  /** What a request's exchange ended with: its answer, unless that came as an event. */
  #ended(outcome: Outcome, id: RequestId | undefined): void {
    if (this.#over) return;
    if (outcome.kind === 'failed') this.#fail(id, outcome.why);
    else if (outcome.kind === 'stream') this.#resume(outcome, id);
    else if (outcome.status >= 300) this.#refused(outcome, id);
    else if (id !== undefined && !this.#read(outcome.text, id)) {
      this.#fail(id, new OrchestratorError('unavailable', 'the server answered something that is no JSON-RPC message'));
    }
  }

  #refused({ status, headers, text }: Extract<Outcome, { kind: 'body' }>, id: RequestId | undefined): void {
    const error = readMessages(text)?.find((message) => message.kind === 'error');
    const { location } = headers;
    const why = refusalOf(status, this.#session !== undefined, typeof location === 'string' ? location : undefined);
    if (why instanceof SessionGone) {
      this.#fail(id, why);
      this.#break('the server ended the session', true);
    } else if (error === undefined || status === 401) this.#fail(id, why);
    // Some refuse before they have read an id; it can be no other request's.
    else if (id !== undefined) this.receiver.received({ ...error, id }, id);
  }

  /** A stream that ended before the answer came goes on from its last event [2025-11-25 resumability]. */
  #resume({ lastEventId, retryMs }: Extract<Outcome, { kind: 'stream' }>, id: RequestId | undefined): void {
    if (id === undefined || !this.receiver.awaits(id)) return;
    if (lastEventId === undefined) {
      this.#fail(id, new OrchestratorError('unavailable', 'the server ended the stream without an answer'));
    } else this.#follow(id, lastEventId, retryMs ?? this.around.limits.reopenMs);
  }

  /** Opens a stream of the server's own messages, or of a request whose stream broke off; and again when it ends. */
  #follow(id: RequestId | undefined, lastEventId: string | undefined, waitMs: number): void {
    let failures = 0;
    const open = (from: string | undefined): void => {
      if (this.#over || (id !== undefined && !this.receiver.awaits(id))) return;
      const exchange = this.#exchange({
        event: (data) => this.#read(data, id),
        ended: (outcome) => {
          if (this.#over) return;
          if (outcome.kind === 'body') {
            // 405: it has no such stream. Anything else is final as well; its requests say why.
            if (id !== undefined) this.#fail(id, refusalOf(outcome.status, this.#session !== undefined));
            else if (outcome.status === 404 && this.#session !== undefined)
              this.#break('the server ended the session', true);
            return;
          }
          failures = outcome.kind === 'failed' ? failures + 1 : 0;
          const next = outcome.kind === 'stream' ? (outcome.lastEventId ?? from) : from;
          const wait =
            outcome.kind === 'stream'
              ? (outcome.retryMs ?? this.around.limits.reopenMs)
              : this.around.limits.reopenMs * 2 ** Math.min(failures, 5);
          this.around.timers.after(Math.min(wait, this.around.limits.reopenMaxMs), () => open(next));
        },
      });
      if (id === undefined) this.#listening = exchange;
      else this.#open.set(id, exchange);
      const resumed: Fields = from === undefined ? {} : { 'last-event-id': from };
      this.#dispatch('GET', GET, resumed, undefined, true, exchange);
    };
    if (lastEventId === undefined) open(undefined);
    else this.around.timers.after(Math.min(waitMs, this.around.limits.reopenMaxMs), () => open(lastEventId));
  }

  /** Refused for who we are: sent once more where that may help. */
  #tryAgain(
    outcome: Extract<Outcome, { kind: 'body' }>,
    sent: Fields,
    id: RequestId | undefined,
    again: () => void,
  ): void {
    const challenge = outcome.headers['www-authenticate'];
    const status = outcome.status === 401 ? 401 : 403;
    this.door.authorization
      .challenged({ status, challenge: typeof challenge === 'object' ? challenge.join(', ') : challenge, sent })
      .then(
        (verdict) => {
          // What was canceled meanwhile is not begun.
          if (this.#over || (id !== undefined && !this.receiver.awaits(id))) return;
          if (verdict === 'retry') again();
          else this.#refused(outcome, id);
        },
        (why: unknown) => this.#fail(id, why as Error),
      );
  }

  #read(text: string, stream: RequestId | undefined): boolean {
    const messages = readMessages(text);
    for (const message of messages ?? []) {
      if (message.kind === 'request' || message.kind === 'notification') this.#intake.count(0, 1);
      // On a request's own stream there is no other request's answer.
      if ((message.kind === 'result' || message.kind === 'error') && message.id !== stream) continue;
      this.receiver.received(message, stream);
    }
    return messages !== undefined;
  }

  #exchange(listener: ExchangeListener): HttpExchange {
    return new HttpExchange(listener, this.#intake, this.around.limits.messageBytes);
  }

  #fail(id: RequestId | undefined, why: Error): void {
    if (id !== undefined) this.receiver.failed(id, why);
  }

  #break(why: string, renew = false): void {
    if (this.#over) return;
    this.#leave();
    this.receiver.broken(why, renew);
  }

  #leave(): void {
    this.#over = true;
    this.#intake.cancel();
    this.#listening?.abandon();
    for (const exchange of this.#open.values()) exchange.abandon();
    this.#open.clear();
    for (const [exchange, timer] of this.#told) {
      timer.cancel();
      exchange.abandon();
    }
    this.#told.clear();
  }

  /** Ends the session at the server, which need not know how [2025-11-25 session management]; what that comes to is no matter. */
  async #goodbye(): Promise<void> {
    const { path, requests, authorization } = this.door;
    try {
      const allowed = await authorization.headers();
      await new Promise<void>((resolve) => {
        const timer = this.around.timers.after(this.around.limits.goodbyeMs, () => {
          exchange.abandon();
          resolve();
        });
        const exchange = this.#exchange({
          event: () => undefined,
          ended: () => {
            timer.cancel();
            resolve();
          },
        });
        const headers = this.#fields.of(allowed, this.#version, this.#ofSession);
        exchange.goOver(requests, { method: 'DELETE', path, headers });
      });
    } catch (error) {
      this.around.log.debug({ err: error }, 'a session of an MCP server is left to run out: there are no credentials');
    }
  }
}
