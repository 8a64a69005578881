import type { Cancellation, ToolExchange } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { isObject, type JsonObject } from '../upstream/json.js';
import { SKILLS } from '../tasks/modern-tasks.js';
import { answersForms, withoutTasks } from './client-capabilities.js';
import type { Gateway } from './gateway.js';
import { runWithQuestions } from './legacy-rounds.js';
import { exchangeOf, metaToHandOn, type Asker, type Operation, type View } from './operation.js';
import { CODE, isRequestId, LOG_LEVELS, type RpcRequest } from './protocol.js';
import type { AnswerStream } from './request-stream.js';
import { invalidParams, RpcError } from './rpc-error.js';
import { notification, type Session } from './session.js';

const NOTHING: JsonObject = {};

/** The requests of a legacy session, each to its result: JSON text, or an object of a provider. */
export class LegacyRequests {
  constructor(private readonly gateway: Gateway) {}

  /** @throws RpcError, OrchestratorError, also as rejection */
  answer(
    session: Session,
    view: View,
    { method, params }: RpcRequest,
    stream: AnswerStream,
    signal: Cancellation,
  ): Promise<string | JsonObject> | string | JsonObject {
    const { listings, operations } = this.gateway;
    switch (method) {
      case 'tools/call':
        return this.#run(operations.callTool(view, params), session, params, stream, signal);
      case 'prompts/get':
        return this.#run(operations.getPrompt(view, params), session, params, stream, signal);
      case 'resources/read':
        return this.#run(operations.readResource(view, params), session, params, stream, signal);
      case 'completion/complete':
        return operations.complete(view, params, exchangeOf(askerOf(session, params, stream), undefined), signal);
      case 'ping':
        return NOTHING;
      case 'logging/setLevel':
        return this.#setLevel(session, params);
      case 'resources/subscribe':
        return this.#subscribe(session, view, params);
      case 'resources/unsubscribe':
        return this.#unsubscribe(session, params);
      default: {
        const listing = listings.open(method, view, 'legacy', params);
        return listing === undefined ? this.#aboutTasks(session, view, method, params, stream, signal) : `${listing}}`;
      }
    }
  }

  async #aboutTasks(
    session: Session,
    { principal }: View,
    method: string,
    params: JsonObject,
    stream: AnswerStream,
    signal: Cancellation,
  ): Promise<JsonObject> {
    const able = stream.streams && answersForms(session.terms.clientCapabilities);
    const asker = { principal, ask: able ? askingOn(session, stream) : undefined, signal };
    const { protocolVersion } = session.terms;
    const answered = await this.gateway.tasks.legacy.answer(protocolVersion, method, params, asker);
    if (answered !== undefined) return answered;
    throw new RpcError(CODE.methodNotFound, `Method not found: ${method}`);
  }

  async #run(
    operation: Operation,
    session: Session,
    params: JsonObject,
    stream: AnswerStream,
    signal: Cancellation,
  ): Promise<JsonObject> {
    const { legacy } = this.gateway.tasks;
    const { tool } = operation;
    const wantsTask = tool !== undefined && legacy.isWanted(session.terms.protocolVersion, params);
    if (wantsTask && operation.target() !== SKILLS) {
      throw new RpcError(CODE.methodNotFound, `Method not found: ${tool} cannot be called as a task`);
    }
    const own = askerOf(session, params, stream);
    const asker: Asker = wantsTask ? { ...own, task: 'must' } : own;
    const ask = askingOn(session, stream);
    const outcome = await runWithQuestions(operation, asker, ask, signal, this.gateway.limits.rounds);
    if (outcome.kind === 'error') throw new RpcError(outcome.code, outcome.message, outcome.data);
    if (outcome.kind === 'task') {
      if (wantsTask && outcome.provider === SKILLS) return legacy.begun(outcome.task);
      throw new RpcError(CODE.internal, 'the provider answered with a task, which the client did not ask for');
    }
    // Only wrong arguments have a result here; where a task was to be answered it is none.
    if (wantsTask) throw invalidParams(`Invalid arguments for tool ${tool}: ${JSON.stringify(outcome.result.content)}`);
    return outcome.result;
  }

  #setLevel(session: Session, { level }: JsonObject): JsonObject {
    if (typeof level !== 'string' || !LOG_LEVELS.includes(level)) {
      throw invalidParams(`params.level is one of ${LOG_LEVELS.join(', ')}`);
    }
    session.logLevel = level;
    this.gateway.logs.tell(session);
    return NOTHING;
  }

  async #subscribe(session: Session, view: View, { uri }: JsonObject): Promise<JsonObject> {
    if (typeof uri !== 'string') throw invalidParams('params.uri is missing: say which resource');
    const { subscriptions } = session;
    if (subscriptions.has(uri)) return NOTHING;
    const holder = this.gateway.catalogue.holdersOf(view, uri)[0];
    if (holder === undefined) throw new RpcError(CODE.resourceNotFound, `Resource not found: ${uri}`, { uri });
    const { subscriptions: most } = this.gateway.limits;
    if (subscriptions.size >= most) {
      throw new OrchestratorError('limit_exceeded', `a session subscribes to at most ${most} resources`, {
        limit: { name: 'downstream.subscriptions', value: most },
      });
    }
    const subscribed = holder.subscribeResource(uri, (updated) => {
      if (this.gateway.catalogue.offers(view, holder)) session.notify('notifications/resources/updated', updated);
      else this.#withdraw(session, uri);
    });
    // Taken at once, so that a second request for the same one opens none, and one that leaves meanwhile leaves.
    subscriptions.set(uri, async () => (await subscribed)());
    try {
      await subscribed;
    } catch (error) {
      subscriptions.delete(uri);
      throw error;
    }
    return NOTHING;
  }

  /** Ends a subscription to what the session may not see any more. */
  #withdraw(session: Session, uri: string): void {
    this.#unsubscribe(session, { uri }).catch((error: unknown) =>
      this.gateway.log.debug({ err: error }, 'a subscription could not be ended at its server'),
    );
  }

  async #unsubscribe(session: Session, { uri }: JsonObject): Promise<JsonObject> {
    if (typeof uri !== 'string') throw invalidParams('params.uri is missing: say which resource');
    const leave = session.subscriptions.get(uri);
    session.subscriptions.delete(uri);
    await leave?.();
    return NOTHING;
  }
}

/** Puts questions on the stream of a request. */
function askingOn(session: Session, stream: AnswerStream): NonNullable<ToolExchange['ask']> {
  return (method, question, until) => {
    if (!stream.streams) {
      return Promise.reject(new OrchestratorError('invalid_request', 'the client takes no stream to be asked on'));
    }
    return session.ask(method, question, until, (message) => stream.say(message));
  };
}

function askerOf(session: Session, params: JsonObject, stream: AnswerStream): Asker {
  const meta = isObject(params._meta) ? params._meta : undefined;
  const token = meta?.progressToken;
  return {
    clientCapabilities: withoutTasks(session.terms.clientCapabilities),
    progressToken: isRequestId(token) ? token : undefined,
    logLevel: session.logLevel,
    meta: meta === undefined ? undefined : metaToHandOn(meta),
    say: (method, said) => stream.say(notification(method, said)),
  };
}
