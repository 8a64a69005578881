import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Timer } from '../host/time.js';
import { readDigits } from './bytes.js';
import { MEMBER, type Scanner } from './scan.js';
import { Numbered } from './numbered.js';
import type { Answer, PendingCall } from './session.js';
import type { TimingWheel } from './timing-wheel.js';

/** A call to the client on its way. */
class OutgoingCall implements PendingCall {
  deadline: Timer | undefined;

  constructor(
    readonly id: number,
    readonly done: (answer: Answer) => void,
    private readonly calls: OutgoingCalls,
  ) {}

  cancel(reason: string): void {
    this.calls.cancel(this, reason);
  }
}

/** The calls of one session to its client that are not answered yet: matched by id, bounded in number, each with a deadline. */
export class OutgoingCalls {
  readonly #calls = new Numbered<OutgoingCall>();

  /**
   * @param limit how many there may be at a time
   * @param sendCancel tells the client that nobody waits for this id any more
   */
  constructor(
    private readonly limit: number,
    private readonly wheel: TimingWheel,
    private readonly sendCancel: (id: number, reason: string) => void,
  ) {}

  get size(): number {
    return this.#calls.size;
  }

  /**
   * Registers a call.
   *
   * @throws OrchestratorError `too_many_pending`
   */
  open(timeoutMs: number, done: (answer: Answer) => void): PendingCall {
    if (this.#calls.size >= this.limit) {
      throw new OrchestratorError('too_many_pending', undefined, { limit: { pendingCalls: this.limit } });
    }
    const call = this.#calls.add((id) => new OutgoingCall(id, done, this));
    call.deadline = this.wheel.after(timeoutMs, () => {
      this.#calls.take(call.id);
      this.sendCancel(call.id, 'deadline exceeded');
      done({ kind: 'timeout' });
    });
    return call;
  }

  /** Forgets a call and tells the client; for the call itself. */
  cancel(call: PendingCall, reason: string): void {
    const open = this.#take(call.id);
    if (open !== undefined) this.sendCancel(call.id, reason);
  }

  /** Hands an answer to whoever waits for it; false when nobody does. */
  answer(frame: Buffer, scan: Scanner): boolean {
    if (!scan.has(MEMBER.id) || scan.has(MEMBER.result) === scan.has(MEMBER.error)) return false;
    const call = this.#take(readNumber(frame, scan.from[MEMBER.id] as number, scan.to[MEMBER.id] as number));
    if (call === undefined) return false;
    const member = scan.has(MEMBER.result) ? MEMBER.result : MEMBER.error;
    const bytes = frame.subarray(scan.from[member], scan.to[member]);
    call.done(member === MEMBER.result ? { kind: 'result', bytes } : errorAnswer(bytes));
    return true;
  }

  /** The connection has ended: nobody will answer. */
  closeAll(): void {
    for (const { id } of this.#calls.values()) this.#take(id)?.done({ kind: 'closed' });
  }

  #take(id: number): OutgoingCall | undefined {
    const call = this.#calls.take(id);
    call?.deadline?.cancel();
    return call;
  }
}

/** The id of a call of ours, also where a client writes 1 as 1.0. */
function readNumber(frame: Buffer, from: number, to: number): number {
  const digits = readDigits(frame, from, to);
  return digits >= 0 ? digits : Number(frame.toString('latin1', from, to));
}

function errorAnswer(bytes: Buffer): Answer {
  const error: unknown = JSON.parse(bytes.toString());
  const { code, message, data } = (error ?? {}) as { code?: unknown; message?: unknown; data?: unknown };
  if (!Number.isSafeInteger(code) || typeof message !== 'string') {
    return { kind: 'error', code: -32603, message: 'the client sent an error object without a code or message' };
  }
  return { kind: 'error', code: code as number, message, ...(data === undefined ? {} : { data }) };
}
