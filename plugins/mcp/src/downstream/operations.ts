import { createHash } from 'node:crypto';
import type { Cancellation, ToolExchange, ToolReply, Tools } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { isObject, type JsonObject } from '../upstream/json.js';
import type { Upstream, UpstreamAnswer } from '../upstream/upstream.js';
import { providerOf, type Catalogue } from './catalogue.js';
import { answerDiscovery, callsAnother } from './discovery-tools.js';
import { textOf } from './members.js';
import type { Operation, Outcome, View } from './operation.js';
import { CODE } from './protocol.js';
import { invalidParams, RpcError } from './rpc-error.js';

/** What is asked of the providers; the rules of neither era are in here. */
export class Operations {
  /** @param timeoutMs of requests other than tool calls, whose tools have limits of their own */
  constructor(
    private readonly tools: Tools,
    private readonly catalogue: Catalogue,
    private readonly timeoutMs: number,
  ) {}

  /** @throws RpcError -32602 for a tool that is not there or may not be seen: the two cannot be told apart */
  callTool(view: View, params: JsonObject): Operation {
    const { name, arguments: given = {} } = params;
    if (typeof name !== 'string') throw invalidParams('params.name is missing: say which tool');
    if (!isObject(given)) throw invalidParams('params.arguments is an object');
    const { tools } = this;
    const { principal, set } = view;
    if (view.searches) {
      const outcome = answerDiscovery(this.tools, view, name, given);
      if (outcome !== undefined)
        return { view, target: () => 'gateway', digest: () => '', run: () => Promise.resolve(outcome) };
      if (callsAnother(name)) return this.callTool({ ...view, searches: false }, given);
    }
    return {
      view,
      tool: name,
      // A name may come to be another provider's: what was sealed for one is not for the other.
      target: () => tools.find(principal, name, set === undefined ? undefined : { set })?.provider ?? 'tool',
      digest: () => digestOf('tools/call', name, given),
      run: (exchange, signal) => {
        const traceparent = exchange.meta?.traceparent;
        const request = {
          name,
          arguments: given,
          signal,
          exchange,
          set,
          traceparent: typeof traceparent === 'string' ? traceparent : undefined,
        };
        const reply = this.tools.call(principal, request) as Promise<ToolReply & Outcome>;
        return reply.catch((error: unknown) => refusedCall(name, error));
      },
    };
  }

  /** @throws RpcError -32602 for a prompt that is not there or may not be used */
  getPrompt(view: View, params: JsonObject): Operation {
    const { name, arguments: given } = params;
    const found = typeof name === 'string' ? this.catalogue.prompt(view, name) : undefined;
    if (found === undefined) throw invalidParams(`Unknown prompt: ${textOf(name)}`);
    const { upstream } = found;
    const asked: JsonObject = { name: found.name, ...(given !== undefined && { arguments: given }) };
    return {
      view,
      target: () => providerOf(upstream.id),
      digest: () => digestOf('prompts/get', found.name, given ?? {}),
      run: (exchange, signal) => this.#ask(upstream, view, 'prompts/get', asked, exchange, signal),
    };
  }

  /** @throws RpcError -32602 for a URI that nobody whom the viewer may use can have */
  readResource(view: View, params: JsonObject): Operation {
    const { uri } = params;
    if (typeof uri !== 'string') throw invalidParams('params.uri is missing: say which resource');
    const holders = this.catalogue.holdersOf(view, uri);
    const [first] = holders;
    if (first === undefined) throw notThere(uri);
    return {
      view,
      target: () => (holders.length === 1 ? providerOf(first.id) : 'resource'),
      digest: () => digestOf('resources/read', uri, {}),
      run: async (exchange, signal, asked) => {
        if (holders.length === 1) return this.#ask(first, view, 'resources/read', { uri }, exchange, signal);
        return this.#askHolders(holders, view, uri, exchange, signal, asked);
      },
    };
  }

  /** `completion/complete`: nothing is offered for what the viewer may not use. @throws RpcError -32602 */
  async complete(view: View, params: JsonObject, exchange: ToolExchange, signal: Cancellation): Promise<JsonObject> {
    const { ref, argument, context } = params;
    if (!isObject(ref) || !isObject(argument)) throw invalidParams('params.ref and params.argument are objects');
    const rest = { argument, ...(context !== undefined && { context }) };
    const prompt =
      ref.type === 'ref/prompt' && typeof ref.name === 'string' ? this.catalogue.prompt(view, ref.name) : undefined;
    if (ref.type === 'ref/prompt' && prompt === undefined) throw invalidParams(`Unknown prompt: ${textOf(ref.name)}`);
    const holders = typeof ref.uri === 'string' ? this.catalogue.holdersOf(view, ref.uri) : [];
    const upstream = prompt?.upstream ?? holders.find(({ capabilities }) => isObject(capabilities.completions));
    if (upstream === undefined || !isObject(upstream.capabilities.completions)) return { completion: { values: [] } };
    const own = prompt === undefined ? ref : { ...ref, name: prompt.name };
    const outcome = await this.#ask(upstream, view, 'completion/complete', { ref: own, ...rest }, exchange, signal);
    if (outcome.kind === 'error') throw new RpcError(outcome.code, outcome.message, outcome.data);
    return outcome.kind === 'result' ? outcome.result : { completion: { values: [] } };
  }

  /**
   * Asks one after the other, until one has it; who is away keeps nobody from the others. What a client sends back is for the one that asked
   * for it, and for no other.
   */
  async #askHolders(
    holders: readonly Upstream[],
    view: View,
    uri: string,
    { continuation, ...exchange }: ToolExchange,
    signal: Cancellation,
    asked: string | undefined,
  ): Promise<Outcome> {
    if (asked !== undefined) {
      const holder = holders.find(({ id }) => id === asked);
      if (holder === undefined) throw notThere(uri);
      const goesOn = { ...exchange, ...(continuation !== undefined && { continuation }) };
      return heldBy(asked, await this.#ask(holder, view, 'resources/read', { uri }, goesOn, signal));
    }
    let refused: Outcome | undefined;
    let away: OrchestratorError | undefined;
    for (const holder of holders) {
      if (holder.state !== 'ready') continue;
      try {
        const outcome = await this.#ask(holder, view, 'resources/read', { uri }, exchange, signal);
        if (outcome.kind !== 'error') return heldBy(holder.id, outcome);
        refused = outcome;
      } catch (error) {
        if (!isAway(error)) throw error;
        away = error;
      }
    }
    if (refused !== undefined) return refused;
    throw away ?? new OrchestratorError('unavailable', 'no server that may have this resource is ready; try again');
  }

  async #ask(
    upstream: Upstream,
    { principal }: View,
    method: string,
    params: JsonObject,
    exchange: ToolExchange,
    signal: Cancellation,
  ): Promise<Outcome> {
    const { timeoutMs } = this;
    return outcomeOf(await upstream.request(method, params, { ...exchange, caller: principal, timeoutMs, signal }));
  }
}

/** Whether an upstream did not answer, for reasons of its own. */
function isAway(error: unknown): error is OrchestratorError {
  return error instanceof OrchestratorError && ['unavailable', 'deadline_exceeded'].includes(error.errorName);
}

function heldBy(holder: string, outcome: Outcome): Outcome {
  return outcome.kind === 'input_required' ? { ...outcome, holder } : outcome;
}

function outcomeOf(answer: UpstreamAnswer): Outcome {
  if (answer.kind === 'error' || answer.result.resultType !== 'input_required') return answer;
  const { inputRequests, requestState } = answer.result;
  return {
    kind: 'input_required',
    ...(isObject(inputRequests) && { inputRequests }),
    ...(typeof requestState === 'string' && { requestState }),
  };
}

/**
 * Wrong arguments are for the model to mend, and so a result [MCP 2025-11-25, server/tools, Error Handling]. Whatever else goes wrong is an
 * error.
 */
function refusedCall(name: string, error: unknown): Outcome {
  if (!(error instanceof OrchestratorError)) throw error;
  if (error.errorName === 'not_found') throw invalidParams(`Unknown tool: ${name}`);
  if (error.errorName !== 'invalid_params') throw error;
  const { issues } = error.data;
  const all = Array.isArray(issues)
    ? issues.map((issue) => (isObject(issue) ? `${textOf(issue.path)} ${textOf(issue.message)}`.trim() : ''))
    : [];
  const text = [`Invalid arguments for tool ${name}: ${error.message}`, ...all].join('\n');
  return { kind: 'result', result: { content: [{ type: 'text', text }], isError: true } };
}

function notThere(uri: string): RpcError {
  return new RpcError(CODE.invalidParams, `Resource not found: ${uri}`, { uri });
}

/** Of a request's salient parameters; the order of members does not matter. */
function digestOf(method: string, name: string, given: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([method, name, sorted(given)]))
    .digest('base64url');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)]);
}
