import type { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Answers } from './answers.js';
import { failureText } from './bridge-failure.js';
import { BRIDGE_LIMITS, type BridgeLimits } from './bridge-limits.js';
import { boundedLines } from './bounded-lines.js';
import { DaemonLink } from './daemon-link.js';
import { LegacyClient } from './legacy-client.js';
import { clientMessage, type ClientMessage, type McpRequest } from './mcp-message.js';
import { McpHttp, type McpAddress } from './mcp-http.js';
import { MessageWriter } from './message-writer.js';
import { ModernCalls } from './modern-calls.js';
import { OpenCall } from './open-call.js';

/** Between what a bridge stands. */
export interface BridgeEnds {
  readonly input: Readable;
  readonly output: Writable;
  /** Where the daemon is now, and its key; asked again whenever it is not there. */
  readonly address: () => Promise<McpAddress>;
  /** Something for people; never to stdout. */
  readonly note: (text: string) => void;
  /** Ends the bridge. */
  readonly signal: AbortSignal;
}

/**
 * MCP over stdio for a client that can only start programs, forwarded to the daemon over streamable HTTP, in the era that the client
 * speaks: a session with its streams, or requests that each stand alone.
 */
export class McpBridge {
  readonly #calls = new Map<string, OpenCall>();
  readonly #ending = new AbortController();
  readonly #http = new McpHttp();
  readonly #link: DaemonLink;
  readonly #writer: MessageWriter;
  readonly #legacy: LegacyClient;
  readonly #modern: ModernCalls;

  constructor(
    private readonly ends: BridgeEnds,
    private readonly limits: BridgeLimits = BRIDGE_LIMITS,
  ) {
    const { signal } = this.#ending;
    this.#link = new DaemonLink(this.#http, ends.address, limits.unreachableMs);
    this.#writer = new MessageWriter(ends.output, signal);
    const answers = new Answers(this.#writer, limits.messageLength);
    this.#legacy = new LegacyClient(this.#link, answers, this.#writer, limits, signal);
    this.#modern = new ModernCalls(this.#link, answers, this.#writer, limits);
  }

  /** Runs until stdin ends; what was asked by then may still be answered for a moment. */
  async run(): Promise<void> {
    const { input, signal } = this.ends;
    const stop = () => input.destroy();
    signal.addEventListener('abort', stop, { once: true });
    try {
      await this.#read(input);
      await this.#drained();
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      await this.#close();
    }
  }

  async #read(input: Readable): Promise<void> {
    const { messageLength } = this.limits;
    for await (const line of boundedLines(input, messageLength)) {
      if ('skipped' in line) {
        const text = `The message has ${String(line.skipped)} characters; at most ${String(messageLength)} are taken.`;
        await this.#writer.error(undefined, -32600, text);
      } else if (line.text.trim() !== '') await this.#take(clientMessage(line.text));
    }
  }

  async #take(message: ClientMessage): Promise<void> {
    if (message.kind === 'invalid') return this.#writer.error(message.id, message.code, message.message);
    if (message.kind === 'request') return this.#begin(message);
    if (message.kind === 'notification' && message.method === 'notifications/cancelled') {
      this.#cancel(message);
      return;
    }
    // What comes after a notification may rely on it, so that it is handed over first.
    await this.#deliver(message);
  }

  async #begin(request: McpRequest): Promise<void> {
    const key = keyOf(request.id);
    if (this.#calls.has(key)) return this.#writer.error(request.id, -32600, 'A request with this id is under way.');
    if (this.#calls.size >= this.limits.requests) {
      const text = `${String(this.limits.requests)} requests are under way; wait for one of them.`;
      return this.#writer.error(request.id, -32603, text);
    }
    const call = new OpenCall(request);
    this.#calls.set(key, call);
    const done = this.#perform(call).finally(() => this.#calls.delete(key));
    if (request.method === 'initialize') await done;
  }

  async #perform(call: OpenCall): Promise<void> {
    try {
      await (call.modern ? this.#modern : this.#legacy).perform(call);
    } catch (error) {
      if (!call.wanted) return;
      await this.#writer.error(call.request.id, -32603, failureText(error, this.#link.url));
    }
  }

  #cancel(message: ClientMessage & { readonly kind: 'notification' }): void {
    const call = this.#calls.get(keyOf(message.params.requestId));
    if (call === undefined) return;
    if (call.modern) {
      call.end();
      return;
    }
    call.cancel();
    // In the legacy era a closed stream cancels nothing: the daemon is told first.
    void this.#deliver(message).finally(() => call.end());
  }

  async #deliver(message: ClientMessage & { readonly text: string }): Promise<void> {
    try {
      await this.#legacy.deliver(message);
    } catch (error) {
      if (!this.#ending.signal.aborted) this.ends.note(failureText(error, this.#link.url));
    }
  }

  async #drained(): Promise<void> {
    const until = performance.now() + this.limits.drainMs;
    while (performance.now() < until && [...this.#calls.values()].some(({ listens }) => !listens)) await delay(10);
  }

  async #close(): Promise<void> {
    for (const call of this.#calls.values()) call.end();
    await this.#legacy.close().catch(() => undefined);
    this.#ending.abort();
    this.#http.close();
  }
}

function keyOf(id: unknown): string {
  return typeof id === 'string' ? JSON.stringify(id) : String(id);
}
