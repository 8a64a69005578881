import { OrchestratorError, type MethodDeclaration } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Log } from '../host/log.js';
import { Clock, Random } from '../host/time.js';
import type { Principal } from '../permissions/principal.js';
import { CallContext } from './call-context.js';
import { Dispatcher, type Caller } from './dispatcher.js';
import { isVersion2, paramsAreStructured, readId, readMethod } from './envelope.js';
import { describeThrown, errorObject } from './error-object.js';
import { RpcLimits } from './limits.js';
import { BatchReply, type ReplySink } from './reply.js';
import { RpcMeters } from './rpc-meters.js';
import { MEMBER, Scanner, type ScanFault } from './scan.js';
import type { Session } from './session.js';
import type { Slots } from './slots.js';
import { sendSpliced } from './splice.js';

/** What the responder needs of the session that a frame came by. */
export interface Conversation extends Caller, Session, ReplySink {
  /** Calls whose handlers answer later; each is in here until its answer. */
  readonly inFlight: Slots<CallContext>;
  /** A client's answer to a call of ours; the scanner says where its parts are. */
  answered(frame: Buffer, scan: Scanner): void;
}

/** Who calls before authentication: nobody; only public methods see it. */
const NOBODY: Principal = { id: 'anonymous', kind: 'user', roles: [], credentialId: 'none' };

/** Answers frames by JSON-RPC 2.0: what is a call goes to its method, what is an answer to the session. One serves all sessions. */
@injectable()
export class Responder {
  readonly #scan: Scanner;
  /** Set while the daemon drains: new requests are refused, notifications and answers still come through. */
  goingAway: { readonly retryAfterMs: number } | undefined;
  /** Asked at each call when set: why new requests are refused now, for example for want of memory. */
  refusal: (() => OrchestratorError | undefined) | undefined;

  constructor(
    @inject(Dispatcher) private readonly dispatcher: Dispatcher,
    @inject(RpcMeters) private readonly meters: RpcMeters,
    @inject(RpcLimits) private readonly limits: RpcLimits,
    @inject(Clock) private readonly clock: Clock,
    @inject(Random) private readonly random: Random,
    @inject(Log) private readonly log: Log,
  ) {
    this.#scan = new Scanner(limits);
  }

  /** Takes one message, which is this part of the frame's bytes; what it asks for is answered through the session. */
  receive(session: Conversation, frame: Buffer, from: number, to: number): void {
    switch (this.#scan.scan(frame, from, to)) {
      case 'object':
        this.#envelope(session, frame, session);
        return;
      case 'array':
        this.#batch(session, frame);
        return;
      case 'scalar':
        this.#refuse(session, 'null', new OrchestratorError('invalid_request'));
        return;
      case 'fault':
        this.#refuse(session, this.#idOfFaulty(frame), this.#faultError(this.#scan.fault));
    }
  }

  #batch(session: Conversation, frame: Buffer): void {
    const count = this.#scan.elementCount;
    if (count === 0) {
      this.#refuse(session, 'null', new OrchestratorError('invalid_request', 'the batch is empty'));
      return;
    }
    // Each element is scanned again by itself, which overwrites the places of this scan.
    const places = this.#scan.elements.slice(0, count * 2);
    const batch = new BatchReply(count, session.reply);
    for (let at = 0; at < places.length; at += 2) {
      const kind = this.#scan.scan(frame, places[at], places[at + 1]);
      if (kind === 'object') this.#envelope(session, frame, batch);
      else if (kind === 'fault') this.#refuse(batch, this.#idOfFaulty(frame), this.#faultError(this.#scan.fault));
      else this.#refuse(batch, 'null', new OrchestratorError('invalid_request'));
    }
  }

  #envelope(session: Conversation, frame: Buffer, sink: ReplySink): void {
    const scan = this.#scan;
    const isAnswer = scan.has(MEMBER.result) || scan.has(MEMBER.error);
    if (isAnswer && !scan.has(MEMBER.method) && isVersion2(frame, scan)) {
      sink.skip();
      session.answered(frame, scan);
      return;
    }
    const id = readId(frame, scan, this.limits.idBytes);
    if (id === false) {
      const detail = `an id is a string of at most ${this.limits.idBytes} bytes or a whole number up to 2^53`;
      this.#refuse(sink, 'null', new OrchestratorError('invalid_request', detail));
      return;
    }
    const name = scan.has(MEMBER.method) ? readMethod(frame, scan) : undefined;
    if (name === undefined || isAnswer || !isVersion2(frame, scan) || !paramsAreStructured(frame, scan)) {
      this.#refuse(sink, id ?? 'null', new OrchestratorError('invalid_request'));
      return;
    }
    this.#call(session, frame, sink, id, name);
  }

  #call(session: Conversation, frame: Buffer, sink: ReplySink, id: string | undefined, name: string): void {
    const method = this.dispatcher.find(name);
    const principal = session.principal ?? NOBODY;
    const call = new CallContext(name, id, principal, session, method, sink, this.clock.monotonicMs());
    let result: unknown;
    try {
      const admitted = this.dispatcher.admit(method, name, session);
      // What is declared as a notification (a cancellation, a part of an answer) must come through when all else is full.
      if (id !== undefined || !admitted.declaration.notification) this.#admitMore(session, admitted.declaration);
      admitted.read(frame, this.#scan, call);
      result = admitted.handler(call.params, call);
    } catch (thrown) {
      this.#failed(call, thrown);
      return;
    }
    if (!(result instanceof Promise)) {
      this.#succeeded(call, result);
      return;
    }
    session.inFlight.add(call);
    result.then(
      (value: unknown) => {
        if (session.inFlight.delete(call)) this.#succeeded(call, value);
      },
      (thrown: unknown) => {
        if (session.inFlight.delete(call)) this.#failed(call, thrown);
      },
    );
  }

  /** Answers a call that is being worked on with `canceled` and tells its handler; what comes of it later is dropped. */
  cancel(session: Conversation, call: CallContext, reason: string): void {
    if (!session.inFlight.delete(call)) return;
    call.cancel(reason);
    this.#failed(call, new OrchestratorError('canceled', reason));
  }

  #admitMore(session: Conversation, { concludes }: MethodDeclaration): void {
    const { pendingCalls } = this.limits;
    if (session.inFlight.size >= pendingCalls) {
      throw new OrchestratorError('too_many_pending', undefined, { limit: { pendingCalls } });
    }
    if (concludes) return;
    if (this.goingAway !== undefined) throw new OrchestratorError('going_away', undefined, { ...this.goingAway });
    const refusal = this.refusal?.();
    if (refusal !== undefined) throw refusal;
  }

  #succeeded(call: CallContext, result: unknown): void {
    if (call.idText === undefined) call.sink.skip();
    else {
      try {
        sendSpliced(call.sink.reply, `{"jsonrpc":"2.0","id":${call.idText},"result":`, result, '}');
      } catch (error) {
        // A result that JSON cannot hold: nothing of it was sent.
        this.#failed(call, new Error('the result cannot be written as JSON', { cause: error }));
        return;
      }
    }
    this.#count(call, 'ok');
  }

  #failed(call: CallContext, thrown: unknown): void {
    const about = { method: call.method, plugin: call.registered?.owner, principal: call.principal.id };
    const error = describeThrown(thrown, about, this.log, this.random);
    this.#count(call, error.name);
    if (call.idText === undefined) call.sink.skip();
    else call.sink.reply(`{"jsonrpc":"2.0","id":${call.idText},"error":${error.text}}`);
  }

  #count(call: CallContext, outcome: string): void {
    const meter = call.registered?.meter ?? this.meters.unreadable;
    meter.count(outcome, this.clock.monotonicMs() - call.startedMs);
  }

  #refuse(sink: ReplySink, id: string, error: OrchestratorError): void {
    this.meters.unreadable.count(error.errorName, 0);
    sink.reply(`{"jsonrpc":"2.0","id":${id},"error":${errorObject(error).text}}`);
  }

  /** The id of a frame that was refused after its id was read, so that its sender does not wait for ever. */
  #idOfFaulty(frame: Buffer): string {
    if (this.#scan.fault === 'syntax' || this.#scan.fault === 'duplicate_member') return 'null';
    const id = readId(frame, this.#scan, this.limits.idBytes);
    return id === undefined || id === false ? 'null' : id;
  }

  #faultError(fault: ScanFault): OrchestratorError {
    const { depth, keys, batchCalls } = this.limits;
    switch (fault) {
      case 'syntax':
        return new OrchestratorError('parse_error');
      case 'depth':
        return new OrchestratorError('invalid_request', `nested deeper than ${depth}`, { limit: { depth } });
      case 'keys':
        return new OrchestratorError('invalid_request', `more than ${keys} members`, { limit: { keys } });
      case 'batch':
        return new OrchestratorError('invalid_request', `a batch has at most ${batchCalls} calls`, {
          limit: { batchCalls },
        });
      case 'forbidden_key':
        return new OrchestratorError('invalid_request', 'a member named __proto__ or constructor.prototype');
      case 'duplicate_member':
        return new OrchestratorError('invalid_request', 'a member of the envelope is there twice');
    }
  }
}
