import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Clock, Timer, Timers } from '../../host/time.js';
import type { ToolCatalogue } from '../tool-catalogue.js';
import type { ToolProvider, ToolReply } from '../tools.js';
import type { ToolCallLimits } from './call-limits.js';
import type { CallSlots } from './call-slots.js';
import type { CircuitBreaker } from './circuit-breaker.js';
import type { PreparedTool } from './prepared-tools.js';
import { providerResting } from './provider-breakers.js';
import type { ProviderBreakers } from './provider-breakers.js';
import { checkResult } from './result-check.js';
import type { RunningCall } from './running-call.js';

/** Errors that say that a provider cannot be reached. */
const UNREACHED: ReadonlySet<string> = new Set(['unavailable', 'agent_offline', 'deadline_exceeded']);

/** A call that its provider has. */
interface Begun {
  readonly provider: ToolProvider;
  readonly breaker: CircuitBreaker;
  /** What its outcome is told the breaker with. */
  readonly period: number;
  readonly timer: Timer;
}

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
    const { provider: id } = call.visible;
    // Nobody waits for a turn that would come to nothing.
    const resting = this.breakers.of(id);
    if (resting.retryAfterMs > 0) throw providerResting(id, resting);
    call.state = 'queued';
    let begun: Begun | undefined;
    let reply: ToolReply;
    try {
      const turn = this.#enter(call, tool);
      if (turn !== undefined) await turn;
      begun = this.#begin(call);
      reply = await call.until(begun.provider.invoke(call));
      begun.breaker.succeeded(begun.period);
    } catch (error) {
      if (begun !== undefined) this.#failed(call, tool, begun, error);
      throw error;
    } finally {
      begun?.timer.cancel();
      // The last one taken first: whoever waits for that one waits with all others in hand.
      for (let gate = call.held.pop(); gate !== undefined; gate = call.held.pop()) this.slots.leave(gate);
    }
    if (reply.kind === 'result') checkResult(call.visible, tool, reply.result);
    // By the name nobody could say afterwards whose it is: the tool may be withdrawn by then, or another provider's.
    return reply.kind === 'task' ? { ...reply, provider: id } : reply;
  }

  #failed(call: RunningCall, tool: PreparedTool, { breaker, period }: Begun, error: unknown): void {
    if (wasCanceled(call) || this.#wasHurried(call, tool)) breaker.abandoned(period);
    else if (isUnreached(error)) breaker.failed(period);
    else breaker.succeeded(period);
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
  #enter(call: RunningCall, tool: PreparedTool): Promise<void> | undefined {
    const { id } = call.caller;
    const turn = this.#take(call, `caller ${id}`, this.limits.concurrentPerCaller, id);
    return turn === undefined ? this.#enterOwn(call, tool) : turn.then(() => this.#enterOwn(call, tool));
  }

  #enterOwn(call: RunningCall, tool: PreparedTool): Promise<void> | undefined {
    const { key, concurrentPerCaller } = tool;
    if (concurrentPerCaller === undefined) return this.#enterTool(call, tool);
    const { id } = call.caller;
    const turn = this.#take(call, `${key} ${id}`, concurrentPerCaller, `${call.tool.name} of ${id}`);
    return turn === undefined ? this.#enterTool(call, tool) : turn.then(() => this.#enterTool(call, tool));
  }

  #enterTool(call: RunningCall, { key, concurrent }: PreparedTool): Promise<void> | undefined {
    return this.#take(call, key, concurrent, call.tool.name);
  }

  #take(call: RunningCall, key: string, atOnce: number, what: string): Promise<void> | undefined {
    const gate = this.slots.enter(key, atOnce, what, call.cancellation);
    if (gate instanceof Promise) return gate.then((entered) => void call.held.push(entered));
    call.held.push(gate);
    return undefined;
  }

  /** Its turn has come: from here on its provider has it. */
  #begin(call: RunningCall): Begun {
    const { provider: id } = call.visible;
    if (call.ended !== undefined) throw call.ended;
    const provider = this.catalogue.provider(id);
    if (provider === undefined) throw new OrchestratorError('unavailable', `${id} is not here now`, { provider: id });
    this.recheck(call);
    const now = this.clock.monotonicMs();
    const leftMs = call.origin === undefined ? Infinity : call.origin.deadline - now;
    if (leftMs <= 0) throw new OrchestratorError('deadline_exceeded', 'the work it is called for has no time left');
    call.timeoutMs = Math.ceil(Math.min(call.timeoutMs, leftMs));
    const breaker = this.breakers.of(id);
    const period = breaker.enter();
    if (period === undefined) throw providerResting(id, breaker);
    call.state = 'running';
    call.invoked = true;
    call.deadline = now + call.timeoutMs;
    const timer = this.timers.after(call.timeoutMs, () => {
      const detail = `${call.tool.name} took over ${String(call.timeoutMs)} ms`;
      call.end(new OrchestratorError('deadline_exceeded', detail, { provider: id }));
    });
    return { provider, breaker, period, timer };
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
