import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { deliveryMethods, HandlerParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Clock } from '../host/time.js';
import type { Call } from '../rpc/call.js';
import type { Session } from '../rpc/session.js';
import type { Effect, Effects } from '../store/effects.js';
import type { Commit, Put } from '../store/store.js';
import { checkInput } from './check-input.js';
import type { Resend } from './dead-letters.js';
import type { Delivery } from './delivery.js';
import type { Inboxes } from './inboxes.js';
import { accepted } from './message-events.js';
import type { MessageIds } from './message-ids.js';
import type { MessageLimits } from './message-limits.js';
import type { MessageMeters } from './message-meters.js';
import { chainOf } from './lineage.js';
import type { Ancestor } from './lineage.js';
import { messageKey, messageText } from './message-text.js';
import type { KeptEnvelope } from './message-text.js';
import type { Routing } from './routing.js';

type SendParams = HandlerParamsOf<typeof deliveryMethods.messageSend>;
type Sent = ResultOf<typeof deliveryMethods.messageSend>;
/** An envelope before its message is taken in. */
type Draft = Omit<KeptEnvelope, 'id' | 'acceptedAt' | 'sequence'>;

const DEFAULT_PRIORITY = 4;
/** What a message counts in its inbox beside its payload. */
const ENVELOPE_BYTES = 512;

/** What {@link MessageSender} stands on. */
export interface SenderGround {
  readonly effects: Effects;
  readonly registry: AgentRegistry;
  readonly clock: Clock;
  readonly ids: MessageIds;
  readonly limits: MessageLimits;
}

/**
 * Takes durable messages in: one commit has the message, its place in the inbox and its record, and, where the recipient has room, the
 * claim of its first delivery.
 */
export class MessageSender {
  constructor(
    private readonly ground: SenderGround,
    private readonly routing: Routing,
    private readonly inboxes: Inboxes,
    private readonly meters: MessageMeters,
    /** The message that a connection is handling. @throws OrchestratorError `not_found`, `hop_limit` */
    private readonly parentOf: (id: string, session: Session | undefined) => Ancestor,
  ) {}

  /** Answers `message.send`. */
  async send(params: SendParams, call: Call): Promise<Sent> {
    try {
      if (call.relayed === undefined) throw missingPayload();
      // Valid until the first await only.
      const { buffer, byteOffset, byteLength } = call.relayed;
      const payload = Buffer.from(buffer, byteOffset, byteLength).toString();
      const sent = await this.#once(params, payload, byteLength, call);
      this.meters.accepted.add();
      return sent;
    } catch (error) {
      this.meters.refused(error instanceof OrchestratorError ? error.errorName : 'internal_error');
      throw error;
    }
  }

  #once(params: SendParams, payload: string, bytes: number, call: Call): Promise<Sent> {
    const run = (effect: Effect): Promise<Sent> => this.#send(params, payload, bytes, call, effect);
    if (params.idempotencyKey === undefined) return this.ground.effects.perform(call, params, run);
    const hashed = { ...params, payload: hash('sha256', payload) };
    return this.ground.effects.perform(call, hashed, run);
  }

  async #send(params: SendParams, payload: string, bytes: number, call: Call, effect: Effect): Promise<Sent> {
    const { to, parentId, ttlMs, priority = DEFAULT_PRIORITY, type = 'message' } = params;
    const { registry, clock, limits } = this.ground;
    const parent = parentId === undefined ? undefined : this.parentOf(parentId, call.session);
    const context = parent?.contextId;
    const agent = this.routing.route(to, call.principal, context).agent;
    const skill = 'skill' in to ? to.skill : undefined;
    if (skill !== undefined) checkInput(registry.schemas, agent, skill, payload);
    const expiresAt = ttlMs === undefined ? undefined : clock.now() + ttlMs;
    const message: Draft = {
      from: call.principal.id,
      fromAgent: parent?.agent.id ?? (call.session && registry.directory.onlyAgentOf(call.session)?.id),
      to: agent.id,
      skill,
      type,
      priority,
      contextId: context,
      correlationId: params.correlationId ?? parent?.correlationId,
      causationId: params.causationId ?? parent?.id,
      contentType: params.contentType,
      hops: parent === undefined ? 0 : parent.hops + 1,
      chain: parent && chainOf(parent),
      traceparent: params.traceparent ?? call.traceparent ?? parent?.traceparent,
      expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt).toISOString(),
    };
    const bounds = { bytes, expiresAt, maxAttempts: params.maxAttempts ?? limits.attempts };
    return this.#take(
      message,
      payload,
      bounds,
      () => ({}),
      effect,
      (messageId, acceptedAt) => ({
        messageId,
        agent: agent.id,
        acceptedAt,
      }),
    );
  }

  /** Sends a message that was sent before once more, to the same agent and in the name of who sent it. */
  again: Resend = async (envelope, payload, besides, effect, answerOf) => {
    if (this.ground.registry.directory.find(envelope.to) === undefined) {
      throw new OrchestratorError('agent_not_found', envelope.to, { resource: `agent/${envelope.to}` });
    }
    const bounds = {
      bytes: Buffer.byteLength(payload),
      expiresAt: undefined,
      maxAttempts: this.ground.limits.attempts,
    };
    const message: Draft = { ...envelope, expiresAt: undefined, causationId: envelope.id };
    const answer = await this.#take(message, payload, bounds, besides, effect, answerOf);
    this.meters.accepted.add();
    return answer;
  };

  /** One commit: the message, its place, its record, and the claim of its delivery if there is room. Nothing is awaited before it. */
  async #take<T>(
    message: Draft,
    payload: string,
    bounds: { readonly bytes: number; readonly expiresAt: number | undefined; readonly maxAttempts: number },
    besides: (id: string) => Pick<Commit, 'checks' | 'deletes' | 'events'>,
    effect: Effect,
    answerOf: (id: string, acceptedAt: string) => T,
  ): Promise<T> {
    const id = this.ground.ids.next();
    const acceptedAt = new Date(this.ground.clock.now()).toISOString();
    const answer = answerOf(id, acceptedAt);
    const { priority } = message;
    const { bytes, expiresAt, maxAttempts } = bounds;
    const change = this.inboxes.lanes.change();
    let claimed: Delivery[] = [];
    try {
      const entry = change.add(message.to, { id, priority, bytes: bytes + ENVELOPE_BYTES, maxAttempts, expiresAt });
      const envelope: KeptEnvelope = { ...message, id, acceptedAt, sequence: entry.sequence };
      const text = messageText(envelope, payload);
      claimed = this.inboxes.claim(change, message.to);
      for (const delivery of claimed) if (delivery.entry === entry) give(delivery, text, envelope);
      const { puts, deletes } = change.writes;
      puts.push({ key: messageKey(id), text }, ...contextItem(envelope));
      const also = besides(id);
      const events = [accepted(envelope, bytes, hash('sha256', payload)), ...(also.events ?? [])];
      const checks = also.checks ?? [];
      await effect.commit({ checks, puts, deletes: [...deletes, ...(also.deletes ?? [])], events }, answer);
    } catch (error) {
      change.failed();
      this.inboxes.unclaimed(claimed);
      throw error;
    }
    change.done();
    this.inboxes.claimed(claimed);
    return answer;
  }
}

/** It need not be read again. */
function give(delivery: Delivery, text: string, envelope: KeptEnvelope): void {
  delivery.text = text;
  delivery.envelope = envelope;
}

/** Where what belongs to a context is found when it is erased. */
function contextItem({ id, contextId }: KeptEnvelope): Put[] {
  return contextId === undefined ? [] : [{ key: `context-items/${contextId}/message/${id}`, text: 'null' }];
}

function missingPayload(): OrchestratorError {
  const issues = [{ path: '/payload', message: 'is required' }];
  return new OrchestratorError('invalid_params', '/payload is required', { issues });
}
