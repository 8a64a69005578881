import { OrchestratorError } from '../error.js';
import { ConnectionError } from './connection-error.js';
import type { Connection } from './connection.js';
import type { ClientLimits } from './options.js';
import { isRepeatable } from './repeatable.js';
import type { Time } from './time.js';
import { errorFromWire, requestText, type WireMessage } from './wire.js';

/** How one call is made. */
export interface CallOptions {
  /** Cancels the call, also at the daemon; it rejects with `canceled`. */
  readonly signal?: AbortSignal;
  /** Milliseconds until the call rejects with `deadline_exceeded`; 30,000 unless said, at most 3,600,000. */
  readonly timeoutMs?: number;
}

/** What the client itself adds to a call. */
export interface InternalOptions extends CallOptions {
  readonly onPart?: ((payload: unknown) => void) | undefined;
  /** Sees the result in the same turn in which it came, before any later message. */
  readonly onResult?: (result: unknown) => void;
  /** Belongs to work in progress, and is let through while the client drains. */
  readonly ofWork?: boolean;
  /**
   * Takes up again what there was on the connection before, or says that it lives: let through however many calls wait, for those may
   * depend on it. There is one for each thing that is taken up.
   */
  readonly resumes?: boolean;
}

interface Call {
  readonly text: string;
  readonly repeatable: boolean;
  /** The connection that it was sent on; `undefined` while it waits for one. */
  sentOn: Connection | undefined;
  readonly onPart: ((payload: unknown) => void) | undefined;
  readonly settle: (outcome: { readonly result: unknown } | { readonly error: Error }) => void;
}

const LONGEST_MS = 3_600_000;

/** Our calls that are not answered yet, by their id. */
export class Calls {
  readonly #limits: ClientLimits;
  readonly #time: Time;
  readonly #pending = new Map<number, Call>();
  #lastId = 0;
  #connection: Connection | undefined;
  #refusal: 'draining' | Error | undefined;
  #idle: (() => void)[] = [];

  constructor(limits: ClientLimits, time: Time) {
    this.#limits = limits;
    this.#time = time;
  }

  /**
   * Sends a call, or keeps it until there is a connection.
   *
   * @throws ConnectionError, OrchestratorError as a rejection
   */
  async start(method: string, params: object, options: InternalOptions = {}): Promise<unknown> {
    const { signal, timeoutMs = this.#limits.callTimeoutMs } = options;
    if (signal?.aborted) throw new OrchestratorError('canceled', undefined, {}, { cause: signal.reason });
    this.#admit(options);
    const id = ++this.#lastId;
    const text = requestText(method, params, id);
    this.#measure(text);
    return new Promise((resolve, reject) => {
      const cancel = (reason: string, error: Error) => {
        call.sentOn?.send(requestText('request.cancel', { id, reason }));
        call.settle({ error });
      };
      const onAbort = () =>
        cancel('aborted', new OrchestratorError('canceled', undefined, {}, { cause: signal?.reason }));
      const timer = this.#time.after(Math.min(timeoutMs, LONGEST_MS), () =>
        cancel('deadline', new OrchestratorError('deadline_exceeded', `${method} took over ${timeoutMs} ms`)),
      );
      const call: Call = {
        text,
        repeatable: isRepeatable(method, params),
        sentOn: undefined,
        onPart: options.onPart,
        settle: (outcome) => {
          timer.cancel();
          signal?.removeEventListener('abort', onAbort);
          this.#pending.delete(id);
          if ('error' in outcome) reject(outcome.error);
          else {
            options.onResult?.(outcome.result);
            resolve(outcome.result);
          }
          this.#settled();
        },
      };
      signal?.addEventListener('abort', onAbort);
      this.#pending.set(id, call);
      this.#write(call);
    });
  }

  /** Takes an answer; `false` if there is no such call. */
  answer({ id, result, error }: WireMessage): boolean {
    const call = typeof id === 'number' ? this.#pending.get(id) : undefined;
    if (!call) return false;
    if (!error) call.settle({ result });
    else {
      const told = errorFromWire(error);
      // A daemon that goes refuses without having done anything: the next connection will serve.
      if (told.errorName === 'going_away') {
        call.sentOn = undefined;
        this.hold();
      } else call.settle({ error: told });
    }
    return true;
  }

  /** Takes one part of the answer to a call. */
  part(id: unknown, payload: unknown): void {
    if (typeof id === 'number') this.#pending.get(id)?.onPart?.(payload);
  }

  /** New calls are sent on this connection. */
  online(connection: Connection): void {
    this.#connection = connection;
  }

  /** Sends everything that waited, in the order of the calls. */
  flush(): void {
    for (const call of this.#pending.values()) this.#write(call);
  }

  /** Sends nothing more on this connection; answers still come. */
  hold(): void {
    this.#connection = undefined;
  }

  /** Calls that were sent and may have had their effect fail; the rest waits for the next connection. */
  lost(): void {
    this.#connection = undefined;
    for (const call of this.#pending.values()) {
      if (call.sentOn && !call.repeatable) call.settle({ error: new ConnectionError('connection_lost') });
      else call.sentOn = undefined;
    }
  }

  /** Takes no new calls but those of work in progress. */
  drain(): void {
    this.#refusal ??= 'draining';
  }

  /** Takes no calls at all, and fails those that are left. */
  close(error: Error): void {
    this.#refusal = error;
    this.#connection = undefined;
    for (const call of this.#pending.values()) call.settle({ error });
  }

  /** Resolves once no call is left. */
  async idle(): Promise<void> {
    if (this.#pending.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #admit({ ofWork = false, resumes = false }: InternalOptions): void {
    if (this.#refusal instanceof Error) throw this.#refusal;
    if (this.#refusal === 'draining' && !ofWork) throw new ConnectionError('closed', 'The client is draining');
    if (resumes) return;
    if (this.#pending.size >= this.#limits.maxPendingCalls) {
      throw new ConnectionError('too_many_calls', `${this.#limits.maxPendingCalls} calls are pending`);
    }
    if ((this.#connection?.bufferedBytes ?? 0) > this.#limits.maxBufferedBytes) {
      throw new ConnectionError('too_many_calls', `Over ${this.#limits.maxBufferedBytes} bytes wait for the network`);
    }
  }

  /** A message past the daemon's limit would end the connection for every other call. */
  #measure(text: string): void {
    const limit = this.#connection?.session?.limits.messageBytes;
    // UTF-16 units take 1 to 3 bytes, so that most texts need no counting.
    if (limit === undefined || text.length * 3 <= limit) return;
    const bytes = new TextEncoder().encode(text).length;
    if (bytes <= limit) return;
    throw new OrchestratorError('limit_exceeded', `a message of ${bytes} bytes is over the daemon's ${limit}`, {
      limit: 'messageBytes',
      value: limit,
    });
  }

  #write(call: Call): void {
    if (!this.#connection || call.sentOn) return;
    call.sentOn = this.#connection;
    this.#connection.send(call.text);
  }

  #settled(): void {
    if (this.#pending.size > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
