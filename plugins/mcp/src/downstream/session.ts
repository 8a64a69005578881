import { Cancel, type Cancellation, type Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { JsonObject } from '../upstream/json.js';
import { InFlight } from '../in-flight.js';
import { canAnswer } from './client-capabilities.js';
import type { EventStream } from './event-stream.js';
import { textOf } from './members.js';
import type { View } from './operation.js';
import type { RequestId } from './protocol.js';
import { Replay, type ReplayLimits, type SessionStream } from './replay.js';

/** What one session may hold. */
export interface SessionLimits {
  /** Requests of a client that are worked on at once. */
  readonly requests: number;
  /** Questions that wait for the client at once. */
  readonly questions: number;
  /** Milliseconds that a question waits for the client. */
  readonly answerMs: number;
  /** Resources subscribed to. */
  readonly subscriptions: number;
  readonly replay: ReplayLimits;
}

/** What a client said when it began. */
export interface SessionTerms {
  readonly protocolVersion: string;
  readonly clientCapabilities: JsonObject;
  readonly clientInfo: JsonObject;
}

interface Question {
  readonly resolve: (answer: JsonObject) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A session of a legacy client. Ids of the client's requests and of the questions to it are this session's alone; what it does not use, it
 * does not hold, since most sessions idle.
 */
export class Session {
  /** Least severe log messages wanted; all unless `logging/setLevel` said otherwise. */
  logLevel = 'debug';
  /** Monotonic milliseconds of the last request. */
  lastUsed = 0;
  #requests: InFlight<RequestId, Cancel> | undefined;
  #questions: Map<RequestId, Question> | undefined;
  #subscriptions: Map<string, () => Promise<void>> | undefined;
  #replay: Replay | undefined;
  /** What belongs to no request goes here, once the client has opened it. */
  #standalone: SessionStream | undefined;
  #undo: (() => void)[] | undefined;
  #asked = 0;
  #closed = false;

  constructor(
    readonly id: string,
    /** Of the credential that lasts longest of those that it was used by. */
    public view: View,
    readonly terms: SessionTerms,
    private readonly limits: SessionLimits,
    private readonly timers: Timers,
  ) {}

  /** Whether it is doing something, or somebody listens. */
  get busy(): boolean {
    return (this.#requests?.size ?? 0) > 0 || (this.#replay?.connections.length ?? 0) > 0;
  }

  /** Whether the client has ever listened for what belongs to no request. */
  get listens(): boolean {
    return this.#standalone !== undefined;
  }

  /** Whether it listens for that now. */
  get hears(): boolean {
    return this.#standalone?.connection?.open === true;
  }

  get replay(): Replay {
    return (this.#replay ??= new Replay(this.limits.replay));
  }

  get subscriptions(): Map<string, () => Promise<void>> {
    return (this.#subscriptions ??= new Map<string, () => Promise<void>>());
  }

  /** @throws OrchestratorError `limit_exceeded`, `conflict` for an id that is in use */
  begin(id: RequestId): Cancel {
    this.#requests ??= new InFlight();
    if (this.#requests.get(id) !== undefined)
      throw new OrchestratorError('conflict', 'a request with this id is being worked on');
    if (this.#requests.size >= this.limits.requests) {
      throw new OrchestratorError('limit_exceeded', 'this session has too many requests in flight', {
        limit: { name: 'downstream.sessionRequests', value: this.limits.requests },
      });
    }
    const cancel = new Cancel();
    this.#requests.set(id, cancel);
    return cancel;
  }

  finish(id: RequestId): void {
    this.#requests?.delete(id);
  }

  /** `notifications/cancelled`. */
  cancel(id: RequestId, reason: string): void {
    this.#requests?.get(id)?.abort(reason);
  }

  /**
   * Asks the client; the question goes out by `send`.
   *
   * @throws OrchestratorError `invalid_request` when the client did not say that it answers such, `limit_exceeded`, `canceled`,
   *   `deadline_exceeded` when it does not answer in time
   */
  ask(method: string, params: JsonObject, signal: Cancellation, send: (message: string) => void): Promise<JsonObject> {
    if (!canAnswer(this.terms.clientCapabilities, method, params)) {
      return Promise.reject(new OrchestratorError('invalid_request', `the client does not answer ${method}`));
    }
    if (signal.aborted) return Promise.reject(new OrchestratorError('canceled', String(signal.reason)));
    const questions = (this.#questions ??= new Map<RequestId, Question>());
    if (questions.size >= this.limits.questions || this.#closed) {
      return Promise.reject(new OrchestratorError('limit_exceeded', 'too many questions wait for the client'));
    }
    const id = this.#asked++;
    return new Promise((resolve, reject) => {
      const settled = (): void => {
        questions.delete(id);
        timer.cancel();
        signal.removeEventListener('abort', aborted);
      };
      const giveUp = (error: OrchestratorError, reason: string): void => {
        settled();
        send(notification('notifications/cancelled', { requestId: id, reason }));
        reject(error);
      };
      const aborted = (): void => {
        const reason = String(signal.reason);
        giveUp(new OrchestratorError('canceled', reason), reason);
      };
      const { answerMs } = this.limits;
      const timer = this.timers.after(answerMs, () => {
        const reason = `the client did not answer within ${answerMs} ms`;
        giveUp(new OrchestratorError('deadline_exceeded', reason), reason);
      });
      questions.set(id, {
        resolve: (answer) => {
          settled();
          resolve(answer);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
      });
      signal.addEventListener('abort', aborted);
      send(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    });
  }

  /** What the client answers to a question; one that nobody waits for is nobody's. */
  answered(id: RequestId, result: JsonObject | undefined, error: JsonObject | undefined): void {
    const question = this.#questions?.get(id);
    if (result !== undefined) question?.resolve(result);
    else {
      const said = textOf(error?.message);
      const message = said === '' ? 'the client answered with an error' : `the client answered: ${said}`;
      question?.reject(new OrchestratorError('invalid_request', message));
    }
  }

  /** A notification that belongs to no request; lost where the client never listened. */
  notify(method: string, params?: JsonObject): void {
    if (this.#standalone !== undefined) this.replay.say(this.#standalone, notification(method, params));
  }

  /** Says what may get lost: it is not kept to be said again, so that it drives out nothing that is. */
  mention(text: string): void {
    this.#standalone?.connection?.message(text);
  }

  /** The client listens for what belongs to no request; a stream that is open already is not opened again. */
  listen(connect: () => EventStream): boolean {
    if (this.#standalone?.connection?.open === true) return false;
    const stream = this.replay.open();
    if (stream === undefined) return false;
    this.#standalone = stream;
    this.replay.prime(stream, connect());
    return true;
  }

  /** Ends the streams of what belongs to no request; those of requests end with their answers. */
  stopListening(): void {
    this.#standalone?.connection?.end();
  }

  /** Told when the session ends. */
  onClosed(undo: () => void): void {
    (this.#undo ??= []).push(undo);
  }

  /** Ends everything that runs in it. */
  close(reason: string): void {
    this.#closed = true;
    for (const cancel of this.#requests?.values() ?? []) cancel.abort(reason);
    for (const { reject } of [...(this.#questions?.values() ?? [])]) {
      reject(new OrchestratorError('canceled', reason));
    }
    for (const leave of this.#subscriptions?.values() ?? []) leave().catch(() => undefined);
    this.#subscriptions?.clear();
    this.#replay?.close();
    for (const undo of this.#undo ?? []) undo();
  }
}

/** A notification as text. */
export function notification(method: string, params?: JsonObject): string {
  return JSON.stringify({ jsonrpc: '2.0', method, ...(params !== undefined && { params }) });
}
