import { setTimeout as delay } from 'node:timers/promises';
import type { Answers, Passed } from './answers.js';
import { HttpRefusal } from './bridge-failure.js';
import type { BridgeLimits } from './bridge-limits.js';
import type { DaemonLink } from './daemon-link.js';
import { LegacySession } from './legacy-session.js';
import type { ClientMessage, McpRequest, ServerMessage } from './mcp-message.js';
import { bodyText, type McpAnswer } from './mcp-http.js';
import type { MessageWriter } from './message-writer.js';
import type { OpenCall } from './open-call.js';

const BOTH = { Accept: 'application/json, text/event-stream' };
const STREAM = { Accept: 'text/event-stream' };
const RESUMPTIONS = 10;

/** A client of the legacy era: its session, the stream of what the daemon says by itself, and a new session when one is lost. */
export class LegacyClient {
  #session: LegacySession | undefined;
  #renewal: Promise<void> | undefined;
  #listening = new AbortController();
  #asked = 0;

  /** @param signal ends everything */
  constructor(
    private readonly link: DaemonLink,
    private readonly answers: Answers,
    private readonly writer: MessageWriter,
    private readonly limits: BridgeLimits,
    private readonly signal: AbortSignal,
  ) {}

  /** Answers a request, or fails. */
  async perform(call: OpenCall): Promise<void> {
    const { request } = call;
    if (request.method === 'initialize') return this.#initialize(call);
    this.#session?.note(request);
    const answer = await this.#inSession((headers) => this.#post(request.text, { ...BOTH, ...headers }, call.signal));
    let passed = await this.answers.pass(answer, call);
    for (let tries = 0; !passed.answered && call.wanted; tries++) {
      // The stream may end before the answer, and is asked for again [Sending Messages to the Server, 6].
      if (passed.lastEventId === undefined || tries === RESUMPTIONS) throw new Error('the stream ended');
      passed = await this.#resumed(call, passed);
    }
  }

  /** Hands over a notification, or an answer to something that the daemon asked. */
  async deliver(message: ClientMessage & { readonly text: string }): Promise<void> {
    const signal = AbortSignal.any([this.signal, AbortSignal.timeout(this.limits.deliveryMs)]);
    const { status, body } = await this.#inSession((headers) =>
      this.#post(message.text, { ...BOTH, ...headers }, signal),
    );
    const text = await bodyText(body, this.limits.messageLength);
    if (status >= 400) throw new HttpRefusal(status, text);
    const before = this.#session?.initialized ?? false;
    this.#session?.note(message);
    if (!before && this.#session?.initialized === true) void this.#listen(this.#session);
  }

  /** Tells the daemon that the session is over. */
  async close(): Promise<void> {
    this.#listening.abort();
    const session = this.#session;
    if (session?.named !== true) return;
    const signal = AbortSignal.timeout(this.limits.drainMs);
    const { body } = await this.link.send({ method: 'DELETE', headers: session.headers(), signal });
    body.resume();
  }

  async #initialize(call: OpenCall): Promise<void> {
    this.#listening.abort();
    this.#session = undefined;
    const answer = await this.#post(call.request.text, BOTH, call.signal);
    const { answered } = await this.answers.pass(answer, call, (message) => {
      if (message.result === undefined || message.id !== call.request.id) return;
      this.#session = new LegacySession(call.request, this.limits);
      this.#session.began(answer, message);
    });
    if (!answered) throw new Error('the stream ended');
  }

  #post(body: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<McpAnswer> {
    return this.link.send({ method: 'POST', headers, body, signal });
  }

  /** Sends in the session; one that the daemon knows no more is begun anew, once [Session Management, 4]. */
  async #inSession(send: (headers: Readonly<Record<string, string>>) => Promise<McpAnswer>): Promise<McpAnswer> {
    await this.#renewal;
    const session = this.#session;
    const answer = await send(session?.headers() ?? {});
    if (answer.status !== 404 || session?.named !== true) return answer;
    answer.body.resume();
    await this.#renew(session);
    return send(this.#session?.headers() ?? {});
  }

  async #renew(lost: LegacySession): Promise<void> {
    if (this.#session !== lost) return;
    this.#renewal ??= this.#begunAnew(lost).finally(() => {
      this.#renewal = undefined;
    });
    await this.#renewal;
  }

  /** A session like the lost one; the client notices only that lists may have changed. */
  async #begunAnew(lost: LegacySession): Promise<void> {
    const session = new LegacySession(lost.initialize, this.limits);
    const { answer, message } = await this.#ask('initialize', lost.initialize.params, {});
    session.began(answer, message);
    if (session.version !== lost.version) {
      const versions = `${String(lost.version)}, now ${String(session.version)}`;
      throw new Error(`the daemon speaks another revision than before (${versions}); start the client again`);
    }
    if (lost.initialized) {
      const initialized = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
      const { body } = await this.#post(initialized, { ...BOTH, ...session.headers() }, this.signal);
      body.resume();
      session.initialized = true;
    }
    for (const { method, params } of lost.wishes()) {
      const asked: McpRequest = { kind: 'request', id: 0, method, params, text: '' };
      await this.#ask(method, params, session.headers());
      session.note(asked);
    }
    this.#listening.abort();
    this.#session = session;
    if (session.initialized) void this.#listen(session);
    for (const method of session.changes()) await this.writer.write(JSON.stringify({ jsonrpc: '2.0', method }));
  }

  async #ask(
    method: string,
    params: McpRequest['params'],
    headers: Readonly<Record<string, string>>,
  ): Promise<{ answer: McpAnswer; message: ServerMessage }> {
    const id = `bridge-${String(++this.#asked)}`;
    const body = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    const answer = await this.#post(body, { ...BOTH, ...headers }, this.signal);
    const message = await this.answers.take(answer, id);
    if (message.error !== undefined) throw new Error(`${method}: ${String(message.error.message)}`);
    return { answer, message };
  }

  async #resumed(call: OpenCall, { lastEventId = '', retryMs = 0 }: Passed): Promise<Passed> {
    await delay(Math.min(Math.max(retryMs, this.limits.reopenMs.least), this.limits.reopenMs.most), undefined, {
      signal: call.signal,
    });
    const headers = { ...STREAM, ...this.#session?.headers(), 'Last-Event-ID': lastEventId };
    const answer = await this.link.send({ method: 'GET', headers, signal: call.signal });
    return { lastEventId, retryMs, ...(await this.answers.pass(answer, call)) };
  }

  /** Keeps open what the daemon says by itself, as long as the session lasts [Listening for Messages from the Server]. */
  async #listen(session: LegacySession): Promise<void> {
    const listening = (this.#listening = new AbortController());
    const signal = AbortSignal.any([this.signal, listening.signal]);
    const { least, most } = this.limits.reopenMs;
    let resume: Readonly<Record<string, string>> = {};
    for (let pause = least; !signal.aborted; pause = Math.min(most, pause * 2)) {
      try {
        const headers = { ...STREAM, ...session.headers(), ...resume };
        const answer = await this.link.send({ method: 'GET', headers, signal });
        if (answer.status === 405) return;
        if (answer.status === 404 && session.named) {
          answer.body.resume();
          // Begins a stream of its own.
          await this.#renew(session);
          return;
        }
        const { lastEventId, retryMs } = await this.answers.pass(answer, undefined, () => {
          pause = least;
        });
        if (lastEventId !== undefined) resume = { 'Last-Event-ID': lastEventId };
        pause = Math.max(pause, Math.min(retryMs ?? 0, most));
      } catch {
        // The daemon is away; requests tell the client so.
      }
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }
}
