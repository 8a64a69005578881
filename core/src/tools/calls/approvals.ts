import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Clock, Random, Timer, Timers } from '../../host/time.js';
import type { Principal } from '../../permissions/principal.js';
import type { Store } from '../../store/store.js';
import type { ToolExchange } from '../tools.js';
import { ApprovalBook } from './approval-book.js';
import type { Approval, ApprovalRequest, ApprovalState } from './approval-book.js';
import { approvalDecided, approvalExpired, approvalRequested } from './call-records.js';
import type { ToolCallLimits } from './call-limits.js';
import { closed, opened } from './open-approvals.js';

/** What {@link Approvals} stand on. */
export interface ApprovalGround {
  readonly store: Store;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  /** Told what went wrong where nobody waits for it. */
  readonly onError: (error: unknown) => void;
}

/**
 * Calls that wait for a human. What is approved is one call of one caller with one definition and exactly these arguments, once. It is
 * all in memory: when the daemon stops, who waits is told, and nothing is left that could be approved afterwards. What it leaves open has
 * its end recorded by the next start.
 */
export class Approvals {
  readonly #book: ApprovalBook;
  #stopped = false;

  constructor(
    private readonly ground: ApprovalGround,
    private readonly limits: ToolCallLimits,
  ) {
    this.#book = new ApprovalBook(limits);
  }

  get size(): number {
    return this.#book.size;
  }

  /** Those that wait for a decision, the oldest first. */
  pending(): Approval[] {
    return [...this.#book.all()].filter(({ state }) => state === 'pending');
  }

  get(id: string): Approval | undefined {
    return this.#book.get(id);
  }

  /**
   * Asks for approval and waits for it; the answer is to be given to {@link done} or {@link restore}. While nobody waits the request
   * stays, so that a caller whose patience ended finds it decided when it calls again.
   *
   * @param continuation what the caller answers its tool, which nobody is shown: taken only where the approved call asked for it
   * @param waits told at once when it waits, and every `approvalNoticeMs` from then on
   * @throws OrchestratorError `approval_required` when it was not decided in time, `permission_denied`, `canceled`, `going_away`,
   *   `limit_exceeded`, `conflict` when no approved call asked for the continuation
   */
  async obtain(
    request: ApprovalRequest,
    signal: AbortSignal,
    continuation?: ToolExchange['continuation'],
    waits?: (approval: Approval) => void,
  ): Promise<Approval> {
    if (this.#stopped) throw goingAway();
    const known = this.#book.about(request.digest);
    if (continuation !== undefined && !answers(continuation, known)) throw notAsked(request);
    const approval = known === undefined || known.state === 'used' ? await this.#ask(request) : known;
    // It waits for the call that was there first.
    if (approval.state === 'opening' || approval.waiting !== undefined) throw required(approval);
    if (isOpen(approval)) await this.#wait(approval, signal, waits);
    return this.#take(approval);
  }

  /** The call for which it was given has ended. */
  done(approval: Approval): void {
    if (approval.state === 'used') this.#book.end(approval);
  }

  /**
   * The call for which it was given may be made after all.
   *
   * @param asked what its tool asked the caller for, where it goes on when called again
   */
  restore(approval: Approval, asked: Approval['asked'] = approval.asked): void {
    if (approval.state !== 'used') return;
    approval.asked = asked;
    if (this.#book.about(approval.digest) === approval) approval.state = 'approved';
    else this.#book.end(approval);
  }

  /**
   * Decides one that is pending; resolves once that is in the journal, and its call goes on or fails.
   *
   * @throws OrchestratorError `not_found`
   */
  async decide(id: string, decision: 'approve' | 'deny', by: Principal, reason: string | undefined): Promise<Approval> {
    const approval = this.#book.get(id);
    if (approval?.state !== 'pending') throw noSuchApproval(id);
    approval.state = 'deciding';
    try {
      await this.ground.store.commit(closed(id, approvalDecided(approval, decision, by)));
    } catch (error) {
      // What is not in the journal was not decided.
      if (stateOf(approval) !== 'over') approval.state = 'pending';
      throw error;
    }
    if (stateOf(approval) === 'over') throw noSuchApproval(id);
    approval.state = decision === 'approve' ? 'approved' : 'denied';
    approval.decision = { by: by.id, reason };
    approval.waiting?.();
    return approval;
  }

  /** Tells everybody who waits that the daemon stops. */
  stop(): void {
    this.#stopped = true;
    for (const approval of [...this.#book.all()]) this.#book.end(approval);
  }

  async #ask(request: ApprovalRequest): Promise<Approval> {
    const { clock, timers, random, store } = this.ground;
    const { approvalExpiryMs } = this.limits;
    const requestedAt = clock.now();
    const approval: Approval = {
      ...request,
      id: random.uuid(),
      requestedAt,
      expiresAt: requestedAt + approvalExpiryMs,
      state: 'opening',
      decision: undefined,
      waiting: undefined,
      expiry: undefined,
      asked: undefined,
    };
    this.#book.add(approval);
    approval.expiry = timers.after(approvalExpiryMs, () => {
      this.#expire(approval);
    });
    try {
      await store.commit(opened(approval.id, approvalRequested(approval)));
    } catch (error) {
      this.#book.end(approval);
      throw error;
    }
    if (stateOf(approval) !== 'over') approval.state = 'pending';
    return approval;
  }

  async #wait(
    approval: Approval,
    signal: AbortSignal,
    waits: ((approval: Approval) => void) | undefined,
  ): Promise<void> {
    const { timers } = this.ground;
    let notices: Timer | undefined;
    const tell = (): void => {
      try {
        waits?.(approval);
      } catch (error) {
        // Whoever cannot be told how it goes is asked for no less: the call waits on.
        notices?.cancel();
        this.ground.onError(error);
      }
    };
    if (waits !== undefined) notices = timers.every(this.limits.approvalNoticeMs, tell);
    tell();
    await new Promise<void>((resolve) => {
      const end = (): void => {
        timer.cancel();
        notices?.cancel();
        signal.removeEventListener('abort', end);
        approval.waiting = undefined;
        resolve();
      };
      const timer = timers.after(this.limits.approvalWaitMs, end);
      approval.waiting = end;
      signal.addEventListener('abort', end);
      if (signal.aborted) end();
    });
    if (signal.aborted) throw new OrchestratorError('canceled', String(signal.reason));
  }

  #take(approval: Approval): Approval {
    switch (approval.state) {
      case 'approved':
        approval.state = 'used';
        return approval;
      case 'opening':
      case 'pending':
      case 'deciding':
      case 'used':
        throw required(approval);
      case 'denied':
        throw denied(approval);
      case 'over':
        throw this.#stopped ? goingAway() : expired(approval);
    }
  }

  #expire(approval: Approval): void {
    const wasOpen = isOpen(approval);
    this.#book.end(approval);
    if (wasOpen) this.ground.store.commit(closed(approval.id, approvalExpired(approval))).catch(this.ground.onError);
  }
}

function isOpen({ state }: Approval): boolean {
  return state === 'opening' || state === 'pending' || state === 'deciding';
}

/** Read anew: it may have changed while something was awaited. */
function stateOf({ state }: Approval): ApprovalState {
  return state;
}

function answers({ requestState }: NonNullable<ToolExchange['continuation']>, known: Approval | undefined): boolean {
  return known?.state === 'approved' && known.asked !== undefined && known.asked.requestState === requestState;
}

function notAsked({ tool }: ApprovalRequest): OrchestratorError {
  const detail = 'no approved call asked for this; call again without inputResponses and requestState';
  return new OrchestratorError('conflict', detail, { resource: `tool/${tool.definition.name}` });
}

/** There is none, or it was decided. */
export function noSuchApproval(id: string): OrchestratorError {
  return new OrchestratorError('not_found', 'no call waits for this approval; tool.approvals lists those that do', {
    resource: `approval/${id}`,
  });
}

function required({ id, expiresAt, tool }: Approval): OrchestratorError {
  return new OrchestratorError('approval_required', `${tool.definition.name} with these arguments`, {
    approvalId: id,
    expiresAt: new Date(expiresAt).toISOString(),
  });
}

function denied({ id, decision, tool }: Approval): OrchestratorError {
  const reason = decision?.reason === undefined ? '' : `: ${decision.reason}`;
  return new OrchestratorError('permission_denied', `${tool.definition.name} was not approved${reason}`, {
    approvalId: id,
    resource: `tool/${tool.definition.name}`,
  });
}

function expired({ id, tool }: Approval): OrchestratorError {
  return new OrchestratorError('approval_required', `nobody approved ${tool.definition.name} in time; call again`, {
    approvalId: id,
  });
}

function goingAway(): OrchestratorError {
  return new OrchestratorError('going_away', 'calls that wait for approval do not outlive the daemon; call again');
}
