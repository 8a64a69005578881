import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Principal } from '../../src/permissions/principal.js';
import { RelayedJson } from '../../src/rpc/relayed-json.js';
import type { Answer, PendingCall, Session, SubscriptionBatch } from '../../src/rpc/session.js';

/** One call of the daemon to the client, as the client sees it. */
export interface ReceivedCall {
  readonly id: number;
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly timeoutMs: number;
  canceled: string | undefined;
  /** Answers it; what is answered later than the cancellation goes nowhere. */
  answer(answer: Answer | { readonly result: unknown }): void;
}

let sessions = 0;

/** A connection whose other end is the test. */
export class MemorySession implements Session {
  readonly id = `session-${String(++sessions)}`;
  readonly remoteAddress = '127.0.0.1';
  readonly connectedAt = Date.UTC(2026, 0, 1);
  readonly limits = { messageBytes: 1_048_576, batchCalls: 50, pendingCalls: 1024, pingIntervalMs: 20_000 };
  closed = false;
  bufferedBytes = 0;
  subscriptions = 0;
  /** Whether notifications are dropped, as past the hard send limit. */
  behind = false;
  /** Whether it takes no more calls, as past the bound of those that are not answered. */
  full = false;
  readonly calls: ReceivedCall[] = [];
  readonly notifications: { readonly method: string; readonly params: unknown }[] = [];
  readonly #open = new Map<number, (answer: Answer) => void>();
  readonly #closeListeners = new Set<() => void>();
  readonly #sources = new Map<string, AbortController>();

  constructor(readonly principal: Principal) {}

  get pendingCalls(): number {
    return this.#open.size;
  }

  request(
    method: string,
    params: RelayedJson | Readonly<Record<string, unknown>>,
    timeoutMs: number,
    done: (answer: Answer) => void,
  ): PendingCall {
    if (this.full || this.#open.size >= this.limits.pendingCalls) throw new OrchestratorError('too_many_pending');
    const id = this.calls.length + 1;
    this.#open.set(id, done);
    const finish = (answer: Answer): void => {
      if (this.#open.delete(id)) done(answer);
    };
    const call: ReceivedCall = {
      id,
      method,
      params: plain(params) as Record<string, unknown>,
      timeoutMs,
      canceled: undefined,
      answer(answer) {
        finish('result' in answer ? { kind: 'result', bytes: Buffer.from(JSON.stringify(answer.result)) } : answer);
      },
    };
    this.calls.push(call);
    return {
      id,
      cancel: (reason) => {
        if (this.#open.delete(id)) call.canceled = reason;
      },
    };
  }

  notify(method: string, params: RelayedJson | Readonly<Record<string, unknown>>): boolean {
    if (this.behind || this.closed) return false;
    this.notifications.push({ method, params: plain(params) });
    return true;
  }

  subscribe(source: (signal: AbortSignal) => AsyncIterable<SubscriptionBatch>): string {
    const controller = new AbortController();
    const id = `subscription-${String(this.#sources.size + 1)}`;
    this.#sources.set(id, controller);
    this.subscriptions++;
    void (async () => {
      for await (const batch of source(controller.signal)) this.notify('subscription.events', { ...batch });
    })().catch((error: unknown) => {
      if (!(error instanceof OrchestratorError)) throw error;
      this.notify('subscription.closed', { subscriptionId: id, error: error.errorName });
    });
    return id;
  }

  unsubscribe(subscriptionId: string): boolean {
    this.#sources.get(subscriptionId)?.abort();
    return this.#sources.delete(subscriptionId);
  }

  onClose(listener: () => void): () => void {
    this.#closeListeners.add(listener);
    return () => this.#closeListeners.delete(listener);
  }

  close(): void {
    this.closed = true;
    for (const controller of this.#sources.values()) controller.abort();
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const done of open) done({ kind: 'closed' });
    for (const listener of [...this.#closeListeners]) listener();
  }
}

/** What the other end reads. */
export function plain(value: unknown): unknown {
  if (!(value instanceof RelayedJson)) return JSON.parse(JSON.stringify(value));
  const bytes: unknown = JSON.parse(Buffer.from(value.bytes).toString());
  return value.member === undefined ? bytes : { ...plainFields(value.fields), [value.member]: bytes };
}

function plainFields(fields: object | string): object {
  return JSON.parse(typeof fields === 'string' ? `{${fields}}` : JSON.stringify(fields)) as object;
}
