import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Clock, Timers } from '../../host/time.js';
import type { ToolCatalogue } from '../tool-catalogue.js';
import type { ToolReply } from '../tools.js';
import type { ToolCallLimits } from './call-limits.js';
import type { CallSlots } from './call-slots.js';
import type { PreparedTool } from './prepared-tools.js';
import { providerResting } from './provider-breakers.js';
import type { ProviderBreakers } from './provider-breakers.js';
import { checkResult } from './result-check.js';
import type { RunningCall } from './running-call.js';

/** Errors that say that a provider cannot be reached. */
const UNREACHED: ReadonlySet<string> = new Set(['unavailable', 'agent_offline', 'deadline_exceeded']);

/** What there is a bound of calls of, the bound, and its name in an error. */
type Place = readonly [key: string, atOnce: number, what: string];

/** Brings calls to their providers: not to one that is given a rest, so many at a time, for so long. */
export class ProviderCalls {
  constructor(
    private readonly catalogue: Pick<ToolCatalogue, 'provider'>,
    private readonly breakers: ProviderBreakers,
    private readonly slots: CallSlots,
    /** Throws where a call that waited is not to be made any more. */
    private readonly recheck: (call: RunningCall) => void,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
    private readonly timers: Timers,
    private readonly limits: ToolCallLimits,
  ) {}

  /**
   * @throws OrchestratorError `unavailable` with `retryAfterMs`, `too_many_pending`, `deadline_exceeded`, `canceled`,
   *   `tool_result_invalid`, and what the provider throws
   */
  async reply(call: RunningCall, tool: PreparedTool): Promise<ToolReply> {
    const breaker = this.breakers.of(call.visible.provider);
    // Nobody waits for a turn that would come to nothing.
    if (breaker.retryAfterMs > 0) throw providerResting(call.visible.provider, breaker);
    call.state = 'queued';
    try {
      const turn = this.#enter(call, tool);
      if (turn !== undefined) await turn;
      return await this.#invoke(call, tool);
    } finally {
      // The last one taken first: whoever waits for that one waits with all others in hand.
      for (let key = call.held.pop(); key !== undefined; key = call.held.pop()) this.slots.leave(key);
    }
  }

  /** Nobody is to open the breaker for others by giving a provider no time. */
  #wasHurried({ ended, timeoutMs }: RunningCall, tool: PreparedTool): boolean {
    const enough = Math.min(tool.timeoutMs, this.limits.breakerTimeoutMs);
    return ended?.errorName === 'deadline_exceeded' && timeoutMs < enough;
  }

  /**
   * In this order for all, so that none waits for a place that one holds who waits for its own. Answers nothing where there was a place of
   * each, as there nearly always is.
   */
  #enter(call: RunningCall, { key, concurrent, concurrentPerCaller }: PreparedTool): Promise<void> | undefined {
    const { caller, tool } = call;
    const places: Place[] = [[`caller ${caller.id}`, this.limits.concurrentPerCaller, caller.id]];
    if (concurrentPerCaller !== undefined) {
      places.push([`${key} ${caller.id}`, concurrentPerCaller, `${tool.name} of ${caller.id}`]);
    }
    places.push([key, concurrent, tool.name]);
    return this.#take(call, places, 0);
  }

  #take(call: RunningCall, places: readonly Place[], from: number): Promise<void> | undefined {
    for (let at = from; at < places.length; at++) {
      const [of, atOnce, what] = places[at] as Place;
      const turn = this.slots.enter(of, atOnce, what, call.cancellation);
      if (turn !== undefined) {
        return turn.then(() => {
          call.held.push(of);
          return this.#take(call, places, at + 1);
        });
      }
      call.held.push(of);
    }
    return undefined;
  }

  async #invoke(call: RunningCall, tool: PreparedTool): Promise<ToolReply> {
    const { provider: id } = call.visible;
    if (call.ended !== undefined) throw call.ended;
    const provider = this.catalogue.provider(id);
    if (provider === undefined) throw new OrchestratorError('unavailable', `${id} is not here now`, { provider: id });
    this.recheck(call);
    const leftMs = call.origin === undefined ? Infinity : call.origin.deadline - this.clock.monotonicMs();
    if (leftMs <= 0) throw new OrchestratorError('deadline_exceeded', 'the work it is called for has no time left');
    call.timeoutMs = Math.ceil(Math.min(call.timeoutMs, leftMs));
    const breaker = this.breakers.of(id);
    const period = breaker.enter();
    if (period === undefined) throw providerResting(id, breaker);
    call.state = 'running';
    call.invoked = true;
    call.deadline = this.clock.monotonicMs() + call.timeoutMs;
    const timer = this.timers.after(call.timeoutMs, () => {
      call.end(
        new OrchestratorError('deadline_exceeded', `${call.tool.name} took over ${String(call.timeoutMs)} ms`, {
          provider: id,
        }),
      );
    });
    let reply: ToolReply;
    try {
      reply = await call.until(provider.invoke(call));
    } catch (error) {
      if (wasCanceled(call) || this.#wasHurried(call, tool)) breaker.abandoned(period);
      else if (isUnreached(error)) breaker.failed(period);
      else breaker.succeeded(period);
      throw error;
    } finally {
      timer.cancel();
    }
    breaker.succeeded(period);
    if (reply.kind === 'result') checkResult(call.visible, tool, reply.result);
    // By the name nobody could say afterwards whose it is: the tool may be withdrawn by then, or another provider's.
    return reply.kind === 'task' ? { ...reply, provider: id } : reply;
  }
}

/** While it was awaited. */
function wasCanceled({ ended }: RunningCall): boolean {
  return ended?.errorName === 'canceled';
}

/** What is no error of ours is a fault of the provider's code. */
function isUnreached(error: unknown): boolean {
  return !(error instanceof OrchestratorError) || UNREACHED.has(error.errorName);
}
