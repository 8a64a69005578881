import { Cancel, type Cancellation, type HttpExchange } from '@ai-orchestrator/core/plugin';
import { isObject, type JsonObject } from '../upstream/json.js';
import { ModernResults, toldOf } from './answer.js';
import { declaresTasks } from './client-capabilities.js';
import type { Gateway } from './gateway.js';
import { checkParamHeaders, checkStandardHeaders } from './header-check.js';
import { textOf } from './members.js';
import { metaToHandOn, exchangeOf, type Asker, type Operation, type View } from './operation.js';
import { capabilitiesFor, instructionsFor } from './offer.js';
import { CODE, isRequestId, LOG_LEVELS, META, MODERN_VERSIONS, type RpcRequest } from './protocol.js';
import { RequestStream } from './request-stream.js';
import { errorText, invalidParams, resultText, RpcError } from './rpc-error.js';
import { notification } from './session.js';

/** What the methods that may ask back answer besides a result. */
const CACHEABLE = 'resources/read';

/** The answers of revision 2026-07-28: each request stands for itself [MCP 2026-07-28, basic/transports/streamable-http]. */
export class ModernEndpoint {
  readonly #results: ModernResults;

  constructor(private readonly gateway: Gateway) {
    this.#results = new ModernResults(gateway.serverInfo, gateway.limits.listTtlMs);
  }

  /** @throws RpcError with its HTTP status, for a request that is refused before it is looked into */
  async post(exchange: HttpExchange, view: View, request: RpcRequest): Promise<void> {
    const meta = checkEnvelope(exchange, request);
    const { gateway } = this;
    const { id, method } = request;
    const revision = textOf(meta[META.version]);
    gateway.requests.with(revision, gateway.labelOf(method)).add();
    gateway.known.heard(view.principal, revision, meta[META.clientInfo]);
    const stream = new RequestStream(exchange.request, exchange.response, gateway.streams);
    const canceled = new Cancel();
    const gone = (): void => {
      // The client closing the stream is how it cancels.
      stream.close();
      canceled.abort('the client closed its connection');
    };
    exchange.response.once('close', gone);
    try {
      const result = await this.#result(view, exchange, request, meta, stream, canceled);
      exchange.response.off('close', gone);
      stream.answer(resultText(id, result));
    } catch (error) {
      exchange.response.off('close', gone);
      const told = toldOf(error, gateway.log);
      stream.answer(errorText(id, told), told.status ?? 200);
    }
  }

  async #result(
    view: View,
    { request: { headers } }: HttpExchange,
    { id, method, params }: RpcRequest,
    meta: JsonObject,
    stream: RequestStream,
    signal: Cancellation,
  ): Promise<string> {
    const { operations, listings, catalogue } = this.gateway;
    const asker = (): Asker => askerOf(meta, stream);
    switch (method) {
      case 'tools/call': {
        const operation = operations.callTool(view, params);
        this.#checkParams(view, headers, params);
        return this.#run(operation, asker(), method, params, signal);
      }
      case 'prompts/get':
        return this.#run(operations.getPrompt(view, params), asker(), method, params, signal);
      case 'resources/read':
        return this.#run(operations.readResource(view, params), asker(), method, params, signal);
      case 'completion/complete':
        return this.#results.passed(
          await operations.complete(view, params, exchangeOf(asker(), undefined), signal),
          false,
        );
      case 'subscriptions/listen':
        if (!stream.streams)
          throw new RpcError(CODE.invalidRequest, 'accept text/event-stream to listen', undefined, 406);
        return this.#results.passed(
          await this.gateway.listeners.listen(view, id, params, stream, signal, asker().clientCapabilities),
          false,
        );
      case 'server/discover': {
        const instructions = instructionsFor(catalogue, view);
        return this.#results.own({
          supportedVersions: MODERN_VERSIONS,
          capabilities: capabilitiesFor(catalogue, view, 'modern', this.gateway.services.skills),
          ...(instructions !== undefined && { instructions }),
          ttlMs: this.gateway.limits.listTtlMs,
          cacheScope: 'private',
        });
      }
      default: {
        const listing = listings.open(method, view, 'modern', params);
        if (listing !== undefined) return this.#results.listing(listing);
        const { clientCapabilities } = asker();
        const about = { principal: view.principal, clientCapabilities, signal };
        const answered = await this.gateway.tasks.modern.answer(method, params, about);
        if (answered !== undefined) return this.#results.own(answered);
        throw new RpcError(CODE.methodNotFound, `Method not found: ${method}`, undefined, 404);
      }
    }
  }

  async #run(
    operation: Operation,
    asker: Asker,
    method: string,
    params: JsonObject,
    signal: Cancellation,
  ): Promise<string> {
    const outcome = await this.gateway.rounds.run(operation, asker, params, signal);
    switch (outcome.kind) {
      case 'result': {
        // What came of a client's answers is no answer to the request alone.
        const goesOn = params.inputResponses !== undefined || params.requestState !== undefined;
        return this.#results.passed(goesOn ? { ...outcome.result, ttlMs: 0 } : outcome.result, method === CACHEABLE);
      }
      case 'input_required': {
        const { inputRequests, requestState } = outcome;
        return this.#results.own(
          {
            ...(inputRequests !== undefined && { inputRequests }),
            ...(requestState !== undefined && { requestState }),
          },
          'input_required',
        );
      }
      case 'task':
        if (asker.task === undefined) {
          throw new RpcError(CODE.internal, 'the provider answered with a task, which the client did not say it takes');
        }
        return this.#results.own(await this.gateway.tasks.modern.begun(operation, outcome), 'task');
      case 'error':
        // What the client would have to declare it has to declare here, too [MCP 2026-07-28, streamable-http: HTTP 400].
        throw new RpcError(
          outcome.code,
          outcome.message,
          outcome.data,
          outcome.code === CODE.missingCapability ? 400 : undefined,
        );
    }
  }

  #checkParams(view: View, headers: HttpExchange['request']['headers'], { name, arguments: given }: JsonObject): void {
    if (typeof name !== 'string') return;
    const { principal, set } = view;
    const tool = this.gateway.services.tools.find(principal, name, set === undefined ? undefined : { set });
    if (tool !== undefined) checkParamHeaders(headers, tool.definition, isObject(given) ? given : {});
  }
}

/**
 * The request's `_meta`, complete, and its headers in step with it.
 *
 * @throws RpcError -32602, -32020, -32022, each with HTTP 400
 */
function checkEnvelope({ request: { headers } }: HttpExchange, request: RpcRequest): JsonObject {
  const meta = request.params._meta;
  const wrong = (what: string) => new RpcError(CODE.invalidParams, `Invalid params: _meta ${what}`, undefined, 400);
  if (!isObject(meta)) throw wrong('is missing; it says the version and the capabilities of the client');
  const version = meta[META.version];
  if (typeof version !== 'string') throw wrong(`needs ${META.version}`);
  if (!isObject(meta[META.capabilities])) throw wrong(`needs ${META.capabilities}, an object`);
  const info = meta[META.clientInfo];
  if (info !== undefined && (!isObject(info) || typeof info.name !== 'string'))
    throw wrong(`has no ${META.clientInfo}`);
  const level = meta[META.logLevel];
  if (level !== undefined && !(typeof level === 'string' && LOG_LEVELS.includes(level))) {
    throw invalidParams(`${META.logLevel} is one of ${LOG_LEVELS.join(', ')}`);
  }
  const said = headers['mcp-protocol-version'];
  if (said !== undefined && said !== version) {
    throw mismatch(`the MCP-Protocol-Version header says ${String(said)}, the body ${version}`);
  }
  if (!MODERN_VERSIONS.includes(version)) {
    throw new RpcError(
      CODE.unsupportedVersion,
      'Unsupported protocol version',
      { supported: MODERN_VERSIONS, requested: version },
      400,
    );
  }
  if (said === undefined) throw mismatch('the MCP-Protocol-Version header is missing');
  checkStandardHeaders(headers, request);
  return meta;
}

function mismatch(why: string): RpcError {
  return new RpcError(CODE.headerMismatch, `Header mismatch: ${why}`, undefined, 400);
}

function askerOf(meta: JsonObject, stream: RequestStream): Asker {
  const { progressToken } = meta;
  const capabilities = meta[META.capabilities];
  const level = meta[META.logLevel];
  const clientCapabilities = isObject(capabilities) ? capabilities : {};
  return {
    clientCapabilities,
    task: declaresTasks(clientCapabilities) ? 'may' : undefined,
    progressToken: isRequestId(progressToken) ? progressToken : undefined,
    logLevel: typeof level === 'string' ? level : undefined,
    meta: metaToHandOn(meta),
    say: (method, params) => stream.say(notification(method, params)),
  };
}
