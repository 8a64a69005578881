import type {
  Log,
  ToolInvocation,
  ToolProvider,
  ToolProviderHandle,
  ToolReply,
  ToolResult,
  Tools,
} from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { isOfRequest } from './http-refusal.js';
import { isObject, type JsonObject } from './json.js';
import { toolDefinition, type ToolTerms } from './tool-definition.js';
import type { Upstream, UpstreamAnswer } from './upstream.js';

/** [JSON-RPC 2.0 §5.1] */
const INTERNAL_ERROR = -32603;

/** The tools of one server, in core's registry. */
export class UpstreamTools implements ToolProvider {
  readonly id: string;
  readonly prefix: string;
  readonly #handle: ToolProviderHandle;
  #offered: readonly JsonObject[] | undefined;
  #setting: Promise<void> = Promise.resolve();
  #offers = false;
  #refused: readonly { readonly name: string; readonly reason: string }[] = [];

  /** @throws OrchestratorError `conflict` when there is such a provider */
  constructor(
    private readonly upstream: Upstream,
    private readonly terms: ToolTerms,
    tools: Tools,
    private readonly log: Log,
  ) {
    this.id = `mcp/${upstream.id}`;
    this.prefix = terms.prefix;
    this.#handle = tools.addProvider(this);
    this.#handle.available(false, 'it has not been reached yet');
  }

  /** Tools of the server that the registry does not take, and why. */
  get refused(): readonly { readonly name: string; readonly reason: string }[] {
    return this.#refused;
  }

  /** Whether what the connected server has can be called: registering is durable, and so takes a moment longer than connecting. */
  get offers(): boolean {
    return this.#offers;
  }

  /** Offers what the server has now; nothing while it is away. @param begins called when they can be called again */
  sync(ready: boolean, reason: string | undefined, begins: () => void): void {
    if (!ready) {
      this.#offers = false;
      this.#handle.available(false, reason);
      return;
    }
    const offered = this.upstream.tools;
    this.#setting = this.#setting
      .then(async () => {
        if (offered !== this.#offered) {
          this.#refused = await this.#handle.set(offered.map((tool) => toolDefinition(tool, this.terms)));
          this.#offered = offered;
          for (const { name, reason: why } of this.#refused)
            this.log.warn({ tool: name, reason: why }, 'a tool is left out');
        }
        if (this.upstream.state !== 'ready') return;
        this.#handle.available(true);
        if (this.#offers) return;
        this.#offers = true;
        begins();
      })
      .catch((error: unknown) => this.log.error({ err: error }, 'the tools of a server cannot be offered'));
  }

  invoke(call: ToolInvocation): Promise<ToolReply> {
    const { exchange, traceparent } = call;
    const name = call.tool.name.slice(this.terms.prefix.length);
    const params = { name, arguments: call.arguments };
    const options = {
      timeoutMs: call.timeoutMs,
      signal: call.cancellation,
      endsBySignal: true,
      caller: call.caller,
      progress: exchange.progress,
      notify: exchange.notify,
      ask: exchange.ask,
      clientCapabilities: exchange.clientCapabilities,
      continuation: exchange.continuation,
      meta: traceparent === undefined ? exchange.meta : { ...exchange.meta, traceparent },
      logLevel: exchange.logLevel,
    };
    return this.upstream.request('tools/call', params, options).then(replyOf, refusalOf);
  }

  async close(): Promise<void> {
    await this.#setting;
    await this.#handle.close();
  }
}

/** What follows from one caller's arguments must not close the server to all. */
function refusalOf(error: unknown): ToolReply {
  if (isOfRequest(error)) return { kind: 'error', code: INTERNAL_ERROR, message: error.message };
  throw error;
}

function replyOf(answer: UpstreamAnswer): ToolReply {
  if (answer.kind === 'error') return answer;
  const plain = answer.result;
  if (plain.resultType === undefined && plain.requestState === undefined && plain.inputRequests === undefined) {
    if (Array.isArray(plain.content)) return { kind: 'result', result: plain as JsonObject & ToolResult };
  }
  const { resultType, inputRequests, requestState, ...rest } = plain;
  if (resultType === 'input_required') {
    return {
      kind: 'input_required',
      ...(isObject(inputRequests) ? { inputRequests } : {}),
      ...(typeof requestState === 'string' ? { requestState } : {}),
    };
  }
  if (resultType === 'task') return { kind: 'task', task: rest };
  // A result without content is what older servers of structured results send.
  const content = answer.result.content ?? [];
  if (!Array.isArray(content))
    throw new OrchestratorError('unavailable', 'the server answered a result without content');
  return { kind: 'result', result: { ...rest, content } };
}
