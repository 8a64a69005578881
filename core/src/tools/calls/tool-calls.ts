import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Log } from '../../host/log.js';
import type { Counter, Instruments } from '../../host/instruments.js';
import type { Clock, Random, Timers } from '../../host/time.js';
import { IdTable } from '../../host/id-table.js';
import type { Ancestor } from '../../messages/lineage.js';
import type { Principal } from '../../permissions/principal.js';
import type { Effect, Effects } from '../../store/effects.js';
import type { GatheredRecords } from '../../store/gathered-records.js';
import { directEffect } from '../../store/commit-effect.js';
import type { Journal } from '../../store/journal.js';
import type { Commit, Store } from '../../store/store.js';
import type { ToolAccess } from '../tool-access.js';
import type { ToolCatalogue } from '../tool-catalogue.js';
import type { ToolCallRequest, ToolReply, VisibleTool } from '../tools.js';
import type { Approval } from './approval-book.js';
import { ApprovalNotices } from './approval-notices.js';
import type { ApprovalPolicy } from './approval-policy.js';
import { Approvals } from './approvals.js';
import type { ToolCallLimits } from './call-limits.js';
import { entryPuts } from './call-entries.js';
import { CallMeters } from './call-meters.js';
import { CallPermits } from './call-permits.js';
import { errorNameOf, hiddenToolCalled, outcomeOf, toolCalled, toolDenied } from './call-records.js';
import { CallSlots } from './call-slots.js';
import { PreparedTools } from './prepared-tools.js';
import type { PreparedTool } from './prepared-tools.js';
import { ProviderBreakers } from './provider-breakers.js';
import { ProviderCalls } from './provider-calls.js';
import { hashed, requestDigest } from './request-hash.js';
import { ResultCache } from './result-cache.js';
import { checkArguments } from './result-check.js';
import { RunningCall } from './running-call.js';
import { ToolSchemas } from './tool-schemas.js';

/** What {@link ToolCalls} stand on. */
export interface CallGround {
  readonly catalogue: ToolCatalogue;
  readonly access: Pick<ToolAccess, 'of'>;
  readonly store: Store;
  readonly journal: Journal;
  readonly effects: Effects;
  /** Calls of what is not visible, which need not be durable before their answer. */
  readonly hidden: GatheredRecords;
  readonly approvalPolicy: ApprovalPolicy;
  /**
   * Whether the caller may have a call in a context.
   *
   * @param inherited the context of the work on whose behalf it is made
   * @throws OrchestratorError, as rejection
   */
  readonly enterContext: (contextId: string, caller: Principal, inherited: string | undefined) => Promise<unknown>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly instruments: Instruments;
  readonly log: Log;
  readonly limits: ToolCallLimits;
}

/** What a call came to. */
export interface Called {
  readonly callId: string;
  readonly reply: ToolReply;
}

/** What is kept under an idempotency key of a call whose answer is too large for that. */
interface NotKept {
  readonly callId: string;
  readonly notKept: true;
}

/** How a call is made by who knows more of it than the request says. */
export interface CallOptions {
  readonly origin?: Ancestor | undefined;
  /** Given the call before anything is awaited, to cancel it with. */
  readonly onStart?: (call: RunningCall) => void;
}

/**
 * Calls tools. Each call is found, permitted, checked, approved where that is asked for, brought to its provider within bounds, its result
 * checked, and recorded durably before it is answered.
 */
export class ToolCalls {
  readonly approvals: Approvals;
  readonly breakers: ProviderBreakers;
  readonly #running = new IdTable<RunningCall>();
  readonly #permits: CallPermits;
  readonly #prepared: PreparedTools;
  readonly #providers: ProviderCalls;
  readonly #cache: ResultCache;
  readonly #meters: CallMeters;

  constructor(private readonly ground: CallGround) {
    const { access, catalogue, clock, timers, instruments, limits, log } = ground;
    const schemas = new ToolSchemas();
    const slots = new CallSlots(limits, timers);
    const onError = (err: unknown): void => {
      log.error({ err }, 'a record of an approval, or word of one that is waited for, was lost');
    };
    this.approvals = new Approvals({ ...ground, onError }, limits);
    this.breakers = new ProviderBreakers(limits, clock);
    this.#permits = new CallPermits(access, schemas);
    this.#meters = new CallMeters(instruments, {
      inFlight: () => this.#running.size,
      queued: () => slots.queued,
      approvals: () => this.approvals.size,
      breakers: () => this.breakers.entries(),
    });
    this.#prepared = new PreparedTools(schemas, this.#meters, limits);
    const recheck = (call: RunningCall): void => {
      this.#recheck(call);
    };
    this.#providers = new ProviderCalls(catalogue, this.breakers, slots, recheck, clock, timers, limits);
    this.#cache = new ResultCache(limits, clock);
  }

  /** Progress that came to nothing. */
  get progressDropped(): Counter {
    return this.#meters.progressDropped;
  }

  /** Calls under way, the oldest first. */
  running(): RunningCall[] {
    return this.#running.values().sort((a, b) => (a.callId < b.callId ? -1 : 1));
  }

  /** A call that is under way. */
  find(callId: string): RunningCall | undefined {
    return this.#running.get(callId);
  }

  /**
   * @throws OrchestratorError `not_found` also when the caller may not see it, `permission_denied`, `capability_missing`, `invalid_params`,
   *   `conflict`, `approval_required`, `unavailable`, `too_many_pending`, `deadline_exceeded`, `canceled`, `tool_result_invalid`
   */
  async call(caller: Principal, request: ToolCallRequest, options: CallOptions = {}): Promise<Called> {
    const { clock, random, limits } = this.ground;
    const tool = this.#find(caller, request);
    if (this.#running.size >= limits.inFlight) throw tooMany(limits.inFlight);
    const call = new RunningCall(random.uuid(), tool, caller, request, options.origin, clock.monotonicMs());
    const prepared = this.#prepared.of(tool);
    const { signal } = request;
    const onAbort = signal && (() => call.cancel(String(signal.reason)));
    this.#running.add(call);
    try {
      options.onStart?.(call);
      if (onAbort !== undefined) {
        if (signal?.aborted === true) onAbort();
        signal?.addEventListener('abort', onAbort);
      }
      const args = hashed(request.arguments);
      call.argumentsHash = args.hash;
      call.revision = this.ground.catalogue.revision;
      this.#admit(call, prepared);
      if (call.contextId !== undefined) {
        await this.ground.enterContext(call.contextId, caller, options.origin?.contextId);
      }
      if (call.ended !== undefined) throw call.ended;
      const run = (effect: Effect): Promise<Called | NotKept> => this.#run(call, prepared, args.characters, effect);
      const called: Called | NotKept = await this.ground.effects.perform(
        { method: 'tool.call', principal: caller },
        keyed(request),
        run,
      );
      if ('notKept' in called) throw notKept(called.callId);
      return called;
    } catch (error) {
      if (!call.recorded) await this.#failed(call, prepared, error);
      throw error;
    } finally {
      if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
      this.#running.delete(call);
    }
  }

  #find(caller: Principal, request: Pick<ToolCallRequest, 'name' | 'version' | 'set'>): VisibleTool {
    const { catalogue, hidden } = this.ground;
    const { name, version } = request;
    const tool = catalogue.find(caller, name, request);
    if (tool !== undefined) return tool;
    this.#meters.denied.with('not_visible').add();
    const told = TOOL_NAME.test(name) ? name : '(no name of a tool)';
    hidden.add(`${caller.id} ${told}`, (count) => hiddenToolCalled(told, caller, count));
    const which = version === undefined ? name : `${name} ${version}`;
    throw new OrchestratorError('not_found', `there is no tool ${which} that you may see`, {
      resource: `tool/${name}`,
    });
  }

  /** Whatever is refused before anything happens. */
  #admit(call: RunningCall, prepared: PreparedTool): void {
    const { visible, request, origin } = call;
    this.#permit(call);
    checkArguments(visible, prepared, request.arguments);
    const leftMs = origin === undefined ? Infinity : origin.deadline - call.startedMs;
    call.timeoutMs = Math.ceil(Math.min(request.timeoutMs ?? prepared.timeoutMs, prepared.timeoutMaxMs, leftMs));
    if (call.timeoutMs <= 0)
      throw new OrchestratorError('deadline_exceeded', 'the work it is called for has no time left');
  }

  #permit(call: RunningCall): void {
    const refusal = this.#permits.refusal(call.caller, call.visible, call.arguments);
    if (refusal === undefined) return;
    call.denial = refusal.denial;
    throw refusal.error;
  }

  /** Looks again at what may have changed while the call waited, just before its provider gets it. */
  #recheck(call: RunningCall): void {
    if (call.approvalId === undefined && call.revision === this.ground.catalogue.revision) return;
    const { name, version } = call.tool;
    const { hash, provider } = this.#find(call.caller, { name, version, set: call.request.set });
    if (hash !== call.visible.hash || provider !== call.visible.provider) {
      const detail = `${name} ${version} was changed while the call waited; look at it and call again`;
      throw new OrchestratorError('conflict', detail, { resource: `tool/${name}` });
    }
    this.#permit(call);
  }

  async #run(call: RunningCall, prepared: PreparedTool, characters: number, effect: Effect): Promise<Called> {
    // Given up while it waited for another call with its key.
    if (call.ended !== undefined) throw call.ended;
    const { pure } = call.tool;
    const asks = this.ground.approvalPolicy.asks(call.visible);
    // A provider may answer each caller otherwise, and what was approved was one call.
    const cacheKey =
      pure === undefined || asks || call.exchange.continuation !== undefined
        ? undefined
        : JSON.stringify([prepared.key, call.caller.id, call.argumentsHash]);
    const kept = cacheKey === undefined ? undefined : this.#cache.get(cacheKey);
    let reply: ToolReply;
    if (kept !== undefined) {
      call.cached = true;
      call.resultHash = kept.resultHash;
      this.#meters.cached.add();
      reply = { kind: 'result', result: kept.result };
    } else {
      reply = asks ? await this.#approved(call, prepared, characters) : await this.#providers.reply(call, prepared);
      const result = hashed(reply.kind === 'result' ? reply.result : reply);
      call.resultHash = result.hash;
      if (cacheKey !== undefined && pure !== undefined && reply.kind === 'result' && reply.result.isError !== true) {
        const { resultHash } = call;
        this.#cache.set(cacheKey, { result: reply.result, resultHash }, result.characters, pure.ttlMs);
      }
    }
    const called = { callId: call.callId, reply };
    const outcome = outcomeOf(reply);
    const tookMs = this.ground.clock.monotonicMs() - call.startedMs;
    await this.#commit(call, effect, this.#written(call, prepared, outcome, tookMs), called);
    call.recorded = true;
    const { meter } = prepared;
    (outcome === 'ok' ? meter.ok : meter.other(outcome)).add();
    meter.seconds.observe(tookMs / 1000);
    return called;
  }

  /** Asks a human first. */
  async #approved(call: RunningCall, prepared: PreparedTool, characters: number): Promise<ToolReply> {
    const { visible, caller } = call;
    const { argumentsHash } = call;
    const digest = requestDigest(caller.id, visible, argumentsHash);
    const { progress } = call.exchange;
    const notices = progress && new ApprovalNotices(progress);
    call.state = 'approval';
    let approval: Approval;
    try {
      const asked = { tool: visible, caller, arguments: call.arguments, argumentsHash, digest, characters };
      approval = await this.approvals.obtain(asked, call.signal, call.exchange.continuation, notices?.waits);
    } catch (error) {
      if (errorNameOf(error) === 'permission_denied') call.denial = { reason: 'not_approved' };
      throw call.ended ?? error;
    }
    call.approvalId = approval.id;
    if (notices !== undefined) call.exchange = { ...call.exchange, progress: notices.afterwards };
    try {
      const reply = await this.#providers.reply(call, prepared);
      if (reply.kind === 'input_required') {
        this.approvals.restore(approval, { requestState: reply.requestState });
      }
      return reply;
    } finally {
      // What did not get as far as its provider may be tried again.
      if (call.invoked) this.approvals.done(approval);
      else this.approvals.restore(approval);
    }
  }

  #commit({ request, callId }: RunningCall, effect: Effect, written: Commit, called: Called): Promise<unknown> {
    const committed = effect.commit(written, called);
    if (request.idempotencyKey === undefined) return committed;
    return committed.catch((error: unknown) => {
      if (errorNameOf(error) !== 'limit_exceeded') throw error;
      // The answer is too large to be kept; that the call was made is not, so that it is not made again.
      return effect.commit(written, { callId, notKept: true } satisfies NotKept);
    });
  }

  async #failed(call: RunningCall, prepared: PreparedTool, error: unknown): Promise<void> {
    const { journal, store, clock } = this.ground;
    const { denial } = call;
    call.recorded = true;
    if (denial !== undefined) {
      this.#meters.denied.with(denial.reason).add();
      await journal.append([toolDenied(call, denial)]);
      return;
    }
    const tookMs = clock.monotonicMs() - call.startedMs;
    const outcome = errorNameOf(error);
    prepared.meter.other(outcome).add();
    prepared.meter.seconds.observe(tookMs / 1000);
    await directEffect(store).commit(this.#written(call, prepared, outcome, tookMs), undefined);
  }

  #written(call: RunningCall, prepared: PreparedTool, outcome: string, tookMs: number): Commit {
    const durationMs = Math.round(tookMs);
    const puts = entryPuts(call, this.ground.clock.now() - durationMs, durationMs, outcome);
    const events = [toolCalled(call, prepared, outcome, durationMs)];
    return puts.length === 0 ? { events } : { events, puts };
  }
}

/** What a tool's name is made of; anything else is no name that the journal should have. */
const TOOL_NAME = /^[A-Za-z0-9_.\-/]{1,128}$/;

/** A round trip that goes on has an effect of its own. */
function keyed({ name, version, arguments: args, contextId, idempotencyKey, exchange }: ToolCallRequest): {
  readonly idempotencyKey?: string | undefined;
} {
  if (idempotencyKey === undefined) return NO_KEY;
  const { continuation } = exchange ?? {};
  const key = continuation === undefined ? idempotencyKey : `${idempotencyKey} ${hashed(continuation).hash}`;
  return { idempotencyKey: key, name, version, arguments: args, contextId } as { readonly idempotencyKey: string };
}

const NO_KEY = {};

function notKept(callId: string): OrchestratorError {
  const detail = 'the call with this idempotencyKey was made, and its answer was too large to be kept; use a new key';
  return new OrchestratorError('conflict', detail, { resource: `tool-call/${callId}` });
}

function tooMany(limit: number): OrchestratorError {
  return new OrchestratorError('too_many_pending', `${String(limit)} tool calls are under way`, {
    limit: 'toolCalls.inFlight',
    value: limit,
  });
}
