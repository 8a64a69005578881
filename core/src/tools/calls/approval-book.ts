import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Timer } from '../../host/time.js';
import type { Principal } from '../../permissions/principal.js';
import type { JsonObject, VisibleTool } from '../tools.js';
import type { ToolCallLimits } from './call-limits.js';

/** A call for which a human is asked. */
export interface ApprovalRequest {
  readonly tool: VisibleTool;
  readonly caller: Principal;
  readonly arguments: JsonObject;
  /** SHA-256 of the canonical arguments, hex. */
  readonly argumentsHash: string;
  /** SHA-256 over caller, tool, version, definition and arguments, hex: what is approved. */
  readonly digest: string;
  /** Of the arguments as JSON. */
  readonly characters: number;
}

/**
 * What became of it: `opening` until the request is durable, so that nobody is shown what a crash would forget; `deciding` until the
 * decision is; `used` once its call has begun; `over` when it counts no more. A denial is remembered, so that a caller that tries again at
 * once is not shown again.
 */
export type ApprovalState = 'opening' | 'pending' | 'deciding' | 'approved' | 'denied' | 'used' | 'over';

/** One request for approval. */
export interface Approval extends ApprovalRequest {
  readonly id: string;
  /** Wall-clock ms. */
  readonly requestedAt: number;
  readonly expiresAt: number;
  state: ApprovalState;
  decision: { readonly by: string; readonly reason: string | undefined } | undefined;
  /** Told once it is decided or counts no more. */
  waiting: (() => void) | undefined;
  expiry: Timer | undefined;
  /** What its tool asked the caller for, by which alone the call goes on. */
  asked: { readonly requestState: string | undefined } | undefined;
}

/** The requests for approval that count, each found by its id and by what it is about; bounded in number and size. */
export class ApprovalBook {
  /** In the order in which they were asked for. */
  readonly #byId = new Map<string, Approval>();
  readonly #byDigest = new Map<string, Approval>();
  readonly #byCaller = new Map<string, number>();
  #characters = 0;

  constructor(
    private readonly limits: Pick<ToolCallLimits, 'approvals' | 'approvalsPerCaller' | 'approvalCharacters'>,
  ) {}

  get size(): number {
    return this.#byId.size;
  }

  all(): Iterable<Approval> {
    return this.#byId.values();
  }

  get(id: string): Approval | undefined {
    return this.#byId.get(id);
  }

  about(digest: string): Approval | undefined {
    return this.#byDigest.get(digest);
  }

  /** @throws OrchestratorError `limit_exceeded` */
  add(approval: Approval): void {
    const { caller, characters } = approval;
    const ofCaller = this.#byCaller.get(caller.id) ?? 0;
    if (ofCaller >= this.limits.approvalsPerCaller) throw full('approvalsPerCaller', this.limits.approvalsPerCaller);
    if (this.#characters + characters > this.limits.approvalCharacters)
      throw full('approvalCharacters', this.limits.approvalCharacters);
    if (this.#byId.size >= this.limits.approvals) throw full('approvals', this.limits.approvals);
    this.#byId.set(approval.id, approval);
    this.#byDigest.set(approval.digest, approval);
    this.#byCaller.set(caller.id, ofCaller + 1);
    this.#characters += characters;
  }

  /** Takes one out that counts no more, and tells whoever waits for it. */
  end(approval: Approval): void {
    if (!this.#byId.delete(approval.id)) return;
    approval.expiry?.cancel();
    if (this.#byDigest.get(approval.digest) === approval) this.#byDigest.delete(approval.digest);
    const ofCaller = (this.#byCaller.get(approval.caller.id) ?? 1) - 1;
    if (ofCaller === 0) this.#byCaller.delete(approval.caller.id);
    else this.#byCaller.set(approval.caller.id, ofCaller);
    this.#characters -= approval.characters;
    approval.state = 'over';
    approval.waiting?.();
  }
}

function full(limit: string, value: number): OrchestratorError {
  return new OrchestratorError('limit_exceeded', `${String(value)} (toolCalls.${limit}) ask for approval already`, {
    limit: `toolCalls.${limit}`,
    value,
  });
}
