import type { Cancel, HttpExchange } from '@ai-orchestrator/core/plugin';
import { isObject, type JsonObject } from '../upstream/json.js';
import { legacyResult, toldOf } from './answer.js';
import { EventStream } from './event-stream.js';
import type { Gateway } from './gateway.js';
import { idOf, readMessage, type Incoming } from './incoming.js';
import { LegacyRequests } from './legacy-requests.js';
import type { View } from './operation.js';
import { capabilitiesFor, instructionsFor } from './offer.js';
import { CODE, LEGACY_VERSIONS, type RequestId, type RpcRequest } from './protocol.js';
import { sendJson, sendStatus, type AnswerStream } from './request-stream.js';
import { errorText, invalidParams, resultText, RpcError } from './rpc-error.js';
import type { Session } from './session.js';
import { SessionRequestStream } from './session-request-stream.js';

/** The one revision with JSON-RPC batches [MCP 2025-03-26, basic/index; gone in 2025-06-18]. */
const WITH_BATCHES = '2025-03-26';

/** The answers of revisions 2025-03-26 to 2025-11-25 [MCP 2025-11-25, basic/transports]. */
export class LegacyEndpoint {
  readonly #requests: LegacyRequests;

  constructor(private readonly gateway: Gateway) {
    this.#requests = new LegacyRequests(gateway);
  }

  /** A POSTed message; answers with a promise only where there is something to wait for. @throws RpcError with its HTTP status */
  post(exchange: HttpExchange, view: View, message: Incoming): Promise<void> | void {
    if (message.kind === 'request' && message.request.method === 'initialize') {
      this.#initialize(exchange, view, message.request);
      return;
    }
    const session = this.session(exchange, view);
    const { response } = exchange;
    if (message.kind === 'response') {
      session.answered(message.id, message.result, message.error);
      sendStatus(response, 202);
    } else if (message.kind === 'notification') {
      this.#notified(session, message.method, message.params);
      sendStatus(response, 202);
    } else {
      return this.#answer(session, view, message.request, (id) => {
        const cancel = session.begin(id);
        return { cancel, stream: new SessionRequestStream(exchange, session, this.gateway.streams) };
      });
    }
  }

  /**
   * Several messages at once, which only revision 2025-03-26 has; their answers come together, with nothing said on the way.
   *
   * @throws RpcError -32600 in other revisions, for none and for too many
   */
  async batch(exchange: HttpExchange, view: View, messages: readonly unknown[]): Promise<void> {
    const session = this.session(exchange, view);
    if (session.terms.protocolVersion !== WITH_BATCHES) throw invalidBatch(`only ${WITH_BATCHES} has batches`);
    const { batch } = this.gateway.limits;
    if (messages.length === 0 || messages.length > batch) throw invalidBatch(`a batch has 1 to ${batch} messages`);
    const answers: string[] = [];
    const collected: AnswerStream = {
      streams: false,
      say: () => undefined,
      answer: (text) => answers.push(text),
    };
    await Promise.all(
      messages.map(async (one) => {
        try {
          const message = readMessage(one);
          if (message.kind === 'response') session.answered(message.id, message.result, message.error);
          else if (message.kind === 'notification') this.#notified(session, message.method, message.params);
          else {
            const begin = (id: RequestId) => ({ cancel: session.begin(id), stream: collected });
            await this.#answer(session, view, message.request, begin);
          }
        } catch (error) {
          answers.push(errorText(idOf(one), toldOf(error, this.gateway.log)));
        }
      }),
    );
    if (answers.length === 0) sendStatus(exchange.response, 202);
    else sendJson(exchange.response, 200, `[${answers.join(',')}]`);
  }

  /** Opens, or resumes, an event stream. @throws RpcError with its HTTP status */
  async get({ request, response }: HttpExchange, session: Session): Promise<void> {
    if (request.headers.accept?.includes('text/event-stream') !== true) {
      throw badRequest('the Accept header must have text/event-stream', 406);
    }
    const { pendingBytes, overflown, quiet } = this.gateway.streams;
    const connect = (): EventStream => {
      const stream = new EventStream(response, pendingBytes, overflown, { 'mcp-session-id': session.id });
      const alive = { keepAlive: () => stream.comment() };
      const key = quiet.add(alive);
      response.once('close', () => quiet.delete(key));
      return stream;
    };
    const last = request.headers['last-event-id'];
    if (typeof last === 'string' && last !== '') {
      const found = session.replay.find(last);
      if (found === undefined) throw badRequest('this stream cannot be resumed any more; open a new one', 400);
      session.replay.resume(found, connect());
    } else {
      const again = session.listens;
      if (!session.listen(connect)) throw badRequest('this session listens on another stream already', 409);
      if (!again) this.#watch(session);
    }
    await new Promise<void>((resolve) => response.once('close', resolve));
  }

  /** Ends a session. */
  delete({ response }: HttpExchange, session: Session): void {
    this.gateway.sessions.end(session, 'its client ended it');
    sendStatus(response, 200);
  }

  /**
   * The session that a request names.
   *
   * @throws RpcError 400 without one, 404 for one that is not there
   */
  session({ request }: HttpExchange, view: View): Session {
    const version = request.headers['mcp-protocol-version'];
    if (version !== undefined && !LEGACY_VERSIONS.includes(String(version))) {
      throw badRequest(`Unsupported protocol version: sessions speak ${LEGACY_VERSIONS.join(', ')}`, 400);
    }
    const id = request.headers['mcp-session-id'];
    if (typeof id !== 'string') throw badRequest('the Mcp-Session-Id header is missing: begin with initialize', 400);
    const session = this.gateway.sessions.find(id, view);
    if (session === undefined) throw new RpcError(CODE.sessionNotFound, 'Session not found', undefined, 404);
    return session;
  }

  #initialize({ response }: HttpExchange, view: View, { id, params }: RpcRequest): void {
    const { protocolVersion: wanted, capabilities, clientInfo } = params;
    if (typeof wanted !== 'string') throw invalidParams('params.protocolVersion is missing');
    const protocolVersion = LEGACY_VERSIONS.includes(wanted) ? wanted : (LEGACY_VERSIONS[0] ?? wanted);
    const { sessions, catalogue, clients, known, serverInfo } = this.gateway;
    const session = sessions.open(view, {
      protocolVersion,
      clientCapabilities: isObject(capabilities) ? capabilities : {},
      clientInfo: isObject(clientInfo) ? clientInfo : {},
    });
    clients.with(protocolVersion).add();
    known.heard(session.view.principal, protocolVersion, clientInfo);
    const instructions = instructionsFor(catalogue, session.view);
    const result = {
      protocolVersion,
      capabilities: {
        ...capabilitiesFor(catalogue, session.view, 'legacy', this.gateway.services.skills),
        ...this.gateway.tasks.legacy.capabilities(protocolVersion),
      },
      serverInfo,
      ...(instructions !== undefined && { instructions }),
    };
    sendJson(response, 200, resultText(id, JSON.stringify(result)), { 'mcp-session-id': session.id });
  }

  /** From the first time that a client listens, it is told of changes. */
  #watch(session: Session): void {
    const stop = this.gateway.changes.watch({
      view: session.view,
      changed: (kind) => session.notify(`notifications/${kind}/list_changed`),
    });
    session.onClosed(stop);
  }

  #notified(session: Session, method: string, params: JsonObject): void {
    if (method !== 'notifications/cancelled') return;
    const { requestId, reason } = params;
    session.cancel(requestId as RequestId, typeof reason === 'string' ? reason : 'canceled by the client');
  }

  /** A connection that breaks cancels nothing here: the client may come back for its answer. */
  async #answer(
    session: Session,
    view: View,
    request: RpcRequest,
    begin: (id: RequestId) => { readonly cancel: Cancel; readonly stream: AnswerStream },
  ): Promise<void> {
    const { id, method } = request;
    const { gateway } = this;
    const { cancel, stream } = begin(id);
    gateway.requests.with(session.terms.protocolVersion, gateway.labelOf(method)).add();
    try {
      const result = await this.#requests.answer(session, view, request, stream, cancel);
      // Who cancels wants no answer [MCP 2025-11-25, basic/utilities/cancellation]; HTTP wants one all the same.
      stream.answer(resultText(id, typeof result === 'string' ? result : legacyResult(result)));
    } catch (error) {
      stream.answer(errorText(id, toldOf(error, gateway.log)));
    } finally {
      session.finish(id);
    }
  }
}

function invalidBatch(why: string): RpcError {
  return new RpcError(CODE.invalidRequest, `Invalid Request: ${why}`, undefined, 400);
}

function badRequest(message: string, status: number): RpcError {
  return new RpcError(CODE.legacyBadRequest, message, undefined, status);
}
