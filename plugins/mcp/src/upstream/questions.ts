import type { CallInFlight } from './call-in-flight.js';
import type { JsonObject } from './json.js';
import type { Incoming, Outgoing, RpcError } from './message.js';

/** What a legacy server may ask [2025-11-25 client features]. */
const ASKED = new Set(['elicitation/create', 'sampling/createMessage', 'roots/list']);

type Question = Extract<Incoming, { kind: 'request' }>;

/** Questions of a server that wait for an answer, bounded; each goes to who made the request that it belongs to. */
export class Questions {
  readonly #open = new Map<string | number, AbortController>();

  constructor(
    private readonly limit: number,
    private readonly send: (message: Outgoing) => void,
  ) {}

  /** @param about the request of ours that it belongs to, when that can be told */
  answer(question: Question, about: CallInFlight | undefined): void {
    const { id, method } = question;
    if (method === 'ping') {
      this.send({ jsonrpc: '2.0', id, result: {} });
      return;
    }
    if (!ASKED.has(method)) {
      this.#refuse(id, -32601, `${method} is not supported`);
      return;
    }
    if (this.#open.has(id)) {
      this.#refuse(id, -32600, 'a request with this id waits already');
      return;
    }
    if (this.#open.size >= this.limit) {
      this.#refuse(id, -32603, `${this.limit} requests wait already`);
      return;
    }
    const gone = new AbortController();
    const asked = about?.ask(method, question.params, gone.signal);
    if (asked === undefined) {
      this.#refuse(id, -32601, `nobody can be asked for ${method} now`);
      return;
    }
    this.#open.set(id, gone);
    asked.then(
      (result) => this.#answered(id, gone, { result }),
      (error: unknown) => this.#answered(id, gone, { error: errorOf(error) }),
    );
  }

  /** The server does not want an answer any more. */
  cancel(id: unknown): void {
    if (typeof id !== 'string' && typeof id !== 'number') return;
    this.#open.get(id)?.abort('the server canceled its request');
    this.#open.delete(id);
  }

  close(): void {
    for (const gone of this.#open.values()) gone.abort('the server is gone');
    this.#open.clear();
  }

  #answered(id: string | number, gone: AbortController, answer: { result: JsonObject } | { error: RpcError }): void {
    if (this.#open.get(id) !== gone) return;
    this.#open.delete(id);
    this.send({ jsonrpc: '2.0', id, ...answer });
  }

  #refuse(id: string | number, code: number, message: string): void {
    this.send({ jsonrpc: '2.0', id, error: { code, message } });
  }
}

/** What a caller's refusal says, when it is an error of JSON-RPC; nothing of ours otherwise. */
function errorOf(error: unknown): RpcError {
  const { code, message } = error as Partial<RpcError>;
  if (typeof code !== 'number' || typeof message !== 'string')
    return { code: -32603, message: 'the caller did not answer' };
  return { code, message };
}
