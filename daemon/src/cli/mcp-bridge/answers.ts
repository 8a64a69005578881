import { HttpRefusal } from './bridge-failure.js';
import { isObject, serverMessage, type RequestId, type ServerMessage } from './mcp-message.js';
import { bodyText, type McpAnswer } from './mcp-http.js';
import type { MessageWriter } from './message-writer.js';
import type { OpenCall } from './open-call.js';
import { serverSentEvents } from './server-sent-events.js';

/** How far an answer went. */
export interface Passed {
  /** Whether the response was in it. */
  readonly answered: boolean;
  /** Cursor of the stream, where it can be resumed [MCP 2025-11-25, Resumability and Redelivery]. */
  readonly lastEventId?: string;
  readonly retryMs?: number;
}

/** Looks at a message on its way to the client; `false` holds it back. */
export type Heed = (message: ServerMessage) => boolean | void;

/** Takes what the daemon answers to the client. */
export class Answers {
  /** @param messageLength bound of a message, in characters */
  constructor(
    private readonly writer: MessageWriter,
    private readonly messageLength: number,
  ) {}

  /**
   * Everything that an answer brings, as it comes.
   *
   * @param call the request that it answers; none for a stream of its own
   * @throws HttpRefusal when there is no message in it, Error when the connection breaks
   */
  async pass(answer: McpAnswer, call: OpenCall | undefined, heed?: Heed): Promise<Passed> {
    if (isStream(answer)) return this.#stream(answer, call, heed);
    const text = await bodyText(answer.body, this.messageLength);
    const message = serverMessage(text);
    if (message === undefined || call === undefined) throw new HttpRefusal(answer.status, text);
    // A request that could not be read is answered without its id [MCP 2026-07-28, Sending Messages].
    const whole = isObject(message.error) && message.id !== call.request.id;
    const own = whole ? { ...message, id: call.request.id } : message;
    if (own.id !== call.request.id || own.method !== undefined) throw new HttpRefusal(answer.status, text);
    if (heed?.(own) !== false && call.wanted) await this.writer.write(whole ? JSON.stringify(own) : text);
    return { answered: true };
  }

  /** The response to a request that the bridge itself made; nothing of it goes to the client. */
  async take(answer: McpAnswer, id: RequestId): Promise<ServerMessage> {
    if (!isStream(answer)) {
      const text = await bodyText(answer.body, this.messageLength);
      const message = serverMessage(text);
      if (message === undefined) throw new HttpRefusal(answer.status, text);
      return message;
    }
    for await (const { data } of serverSentEvents(answer.body, this.messageLength)) {
      const message = serverMessage(data);
      if (message?.id === id && message.method === undefined) return message;
    }
    throw new Error('the stream ended without an answer');
  }

  async #stream({ body }: McpAnswer, call: OpenCall | undefined, heed?: Heed): Promise<Passed> {
    let position: Pick<Passed, 'lastEventId' | 'retryMs'> = {};
    let answered = false;
    try {
      for await (const { data, id, retryMs } of serverSentEvents(body, this.messageLength)) {
        position = {
          ...position,
          ...(id !== undefined && { lastEventId: id }),
          ...(retryMs !== undefined && { retryMs }),
        };
        const message = serverMessage(data);
        if (message === undefined) continue;
        const isAnswer = call !== undefined && message.method === undefined && message.id === call.request.id;
        if (heed?.(message) !== false && (call?.wanted ?? true)) await this.writer.write(data);
        if (isAnswer) {
          answered = true;
          break;
        }
      }
    } catch (error) {
      // A stream that can be resumed may break at any time.
      if (position.lastEventId === undefined) throw error;
    }
    return { answered, ...position };
  }
}

function isStream({ status, headers }: McpAnswer): boolean {
  return status === 200 && /^text\/event-stream\b/i.test(headers['content-type'] ?? '');
}
