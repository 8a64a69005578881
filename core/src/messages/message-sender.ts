import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { deliveryMethods, HandlerParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import type { AgentRegistry } from '../agents/agent-registry.js';
import type { Contexts } from '../contexts/contexts.js';
import { isoTime } from '../host/iso-time.js';
import type { Clock } from '../host/time.js';
import type { Call } from '../rpc/call.js';
import type { Session } from '../rpc/session.js';
import type { Effect, Effects } from '../store/effects.js';
import type { EventDraft } from '../store/record.js';
import type { Commit, Put } from '../store/store.js';
import { linkPuts, traceOf } from '../timeline/timeline-keys.js';
import type { TimelineLinks } from '../timeline/timeline-keys.js';
import { checkInput } from './check-input.js';
import type { Resend } from './dead-letters.js';
import type { Delivery } from './delivery.js';
import type { Inboxes } from './inboxes.js';
import { enterContext, NOTHING_TOLD, reenterContext, tellContext } from './message-contexts.js';
import type { MessageContext } from './message-contexts.js';
import { accepted } from './message-events.js';
import type { MessageIds } from './message-ids.js';
import type { MessageLimits } from './message-limits.js';
import type { MessageMeters } from './message-meters.js';
import { chainOf, rootOf } from './lineage.js';
import type { MessageFamilies } from './message-families.js';
import type { Ancestor } from './lineage.js';
import { messageKey, messageText } from './message-text.js';
import type { KeptEnvelope } from './message-text.js';
import type { Routing } from './routing.js';

type SendParams = HandlerParamsOf<typeof deliveryMethods.messageSend>;
type Sent = ResultOf<typeof deliveryMethods.messageSend>;
/** An envelope before its message is taken in. */
type Draft = Omit<KeptEnvelope, 'id' | 'acceptedAt' | 'sequence'>;
/** One message of a send. */
type SentTo = Pick<Sent, 'messageId' | 'agent'>;

/** One send, before it is known who gets it. */
interface Sending {
  readonly params: SendParams;
  /** JSON. */
  readonly payload: string;
  readonly bytes: number;
  readonly call: Call;
  readonly effect: Effect;
  readonly parent: Ancestor | undefined;
}

const DEFAULT_PRIORITY = 4;
/** What a message counts in its inbox beside its payload. */
const ENVELOPE_BYTES = 512;

/** What {@link MessageSender} stands on. */
export interface SenderGround {
  readonly effects: Effects;
  readonly registry: AgentRegistry;
  readonly contexts: Contexts;
  readonly clock: Clock;
  readonly ids: MessageIds;
  readonly limits: MessageLimits;
}

/**
 * Takes durable messages in: one commit has the message, its place in the inbox and its record, and, where the recipient has room, the
 * claim of its first delivery. A message to a context is one for each agent that speaks in it, all in one commit or none.
 */
export class MessageSender {
  constructor(
    private readonly ground: SenderGround,
    private readonly routing: Routing,
    private readonly inboxes: Inboxes,
    private readonly meters: MessageMeters,
    private readonly families: MessageFamilies,
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
      return await this.#once(params, payload, byteLength, call);
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

  #send(params: SendParams, payload: string, bytes: number, call: Call, effect: Effect): Promise<Sent> {
    const { to, parentId } = params;
    const parent = parentId === undefined ? undefined : this.parentOf(parentId, call.session);
    const draft = { params, payload, bytes, call, effect, parent };
    const contextId = 'context' in to ? contextOf(to.context, params) : (params.contextId ?? parent?.contextId);
    // What belongs to no context waits for nothing before its commit.
    if (contextId === undefined) return this.#sendAll(draft, undefined);
    const inherited = 'context' in to ? undefined : parent?.contextId;
    return enterContext(this.ground.contexts, contextId, call.principal, inherited).then((context) =>
      this.#sendAll(draft, context),
    );
  }

  async #sendAll({ params, payload, bytes, call, effect, parent }: Sending, context?: MessageContext): Promise<Sent> {
    const { to, ttlMs, priority = DEFAULT_PRIORITY, type = 'message' } = params;
    const { registry, clock, limits } = this.ground;
    const contextId = context?.entered.contextId;
    const fromAgent = parent?.agent.id ?? (call.session && registry.directory.onlyAgentOf(call.session)?.id);
    const skill = 'skill' in to ? to.skill : undefined;
    const expiresAt = ttlMs === undefined ? undefined : clock.now() + ttlMs;
    const draft: Omit<Draft, 'to'> = {
      from: call.principal.id,
      fromAgent,
      skill,
      type,
      priority,
      contextId,
      correlationId: params.correlationId ?? parent?.correlationId,
      causationId: params.causationId ?? parent?.id,
      contentType: params.contentType,
      hops: parent === undefined ? 0 : parent.hops + 1,
      chain: parent && chainOf(parent),
      rootId: parent && rootOf(parent),
      traceparent: params.traceparent ?? call.traceparent ?? parent?.traceparent,
      expiresAt: expiresAt === undefined ? undefined : isoTime(expiresAt),
    };
    const bounds = { bytes, expiresAt, maxAttempts: params.maxAttempts ?? limits.attempts };
    if (!('context' in to)) {
      const { agent } = this.routing.route(to, call.principal, contextId);
      if (skill !== undefined) checkInput(registry.schemas, agent, skill, payload);
      const answer = ([sent = nothing()]: readonly SentTo[], acceptedAt: string): Sent => ({ ...sent, acceptedAt });
      return await this.#take([{ ...draft, to: agent.id }], payload, bounds, nothingBesides, effect, answer, context);
    }
    const agents = this.routing.everyone(context?.entered.agents(fromAgent) ?? [], call.principal);
    if (agents.length === 0) {
      const detail = `no other agent that you may send to speaks in ${to.context}`;
      throw new OrchestratorError('agent_not_found', detail, { resource: `context/${to.context}` });
    }
    const { copiesBytes } = limits;
    if (agents.length > 1 && agents.length * bytes > copiesBytes) {
      throw new OrchestratorError(
        'limit_exceeded',
        `${String(agents.length)} copies of ${String(bytes)} bytes; at most ${String(copiesBytes)} bytes (messages.copiesBytes)`,
        { limit: 'messages.copiesBytes', value: copiesBytes },
      );
    }
    const drafts = agents.map(({ id }) => ({ ...draft, to: id }));
    const answer = (messages: readonly SentTo[], acceptedAt: string): Sent => {
      const [first = nothing()] = messages;
      return { ...first, acceptedAt, messages: [...messages] };
    };
    return await this.#take(drafts, payload, bounds, nothingBesides, effect, answer, context);
  }

  /** Sends a message that was sent before once more, to the same agent and in the name of who sent it. */
  again: Resend = async (envelope, payload, besides, effect, answerOf) => {
    const { contexts, registry, limits } = this.ground;
    const { contextId } = envelope;
    const context = contextId === undefined ? undefined : await reenterContext(contexts, contextId);
    if (registry.directory.find(envelope.to) === undefined) {
      throw new OrchestratorError('agent_not_found', envelope.to, { resource: `agent/${envelope.to}` });
    }
    const bounds = { bytes: Buffer.byteLength(payload), expiresAt: undefined, maxAttempts: limits.attempts };
    const message: Draft = { ...envelope, expiresAt: undefined, causationId: envelope.id };
    return this.#take(
      [message],
      payload,
      bounds,
      ([sent = nothing()]) => besides(sent.messageId),
      effect,
      ([sent = nothing()]) => answerOf(sent.messageId),
      context && { entered: context, told: 'no' },
    );
  };

  /**
   * One commit: the messages, their places, their records, what their context is told, and the claims of their deliveries if there is
   * room. Nothing is awaited before it.
   */
  async #take<T>(
    drafts: readonly Draft[],
    payload: string,
    bounds: { readonly bytes: number; readonly expiresAt: number | undefined; readonly maxAttempts: number },
    besides: (sent: readonly SentTo[]) => Pick<Commit, 'checks' | 'deletes' | 'events'>,
    effect: Effect,
    answerOf: (sent: readonly SentTo[], acceptedAt: string) => T,
    context: MessageContext | undefined,
  ): Promise<T> {
    const acceptedAt = isoTime(this.ground.clock.now());
    const contentHash = hash('sha256', payload);
    const { bytes, expiresAt, maxAttempts } = bounds;
    const change = this.inboxes.lanes.change();
    const sent: SentTo[] = [];
    const envelopes: KeptEnvelope[] = [];
    const messages: Put[] = [];
    const events: EventDraft[] = [];
    const claims: Delivery[][] = [];
    let told = NOTHING_TOLD;
    let answer: T;
    const [{ rootId, chain = [] } = nothing()] = drafts;
    let shrink: () => void = () => undefined;
    try {
      if (rootId !== undefined) shrink = this.families.grow(rootId, drafts.length, chain);
      for (const draft of drafts) {
        const id = this.ground.ids.next();
        const { to, priority } = draft;
        const entry = change.add(to, { id, priority, bytes: bytes + ENVELOPE_BYTES, maxAttempts, expiresAt });
        const envelope: KeptEnvelope = { ...draft, id, acceptedAt, sequence: entry.sequence };
        const text = messageText(envelope, payload);
        const claimed = this.inboxes.claim(change, to);
        claims.push(claimed);
        for (const delivery of claimed) if (delivery.entry === entry) give(delivery, text, envelope);
        sent.push({ messageId: id, agent: to });
        envelopes.push(envelope);
        messages.push({ key: messageKey(id), text }, ...linkPuts(linksOf(envelope)));
        events.push(accepted(envelope, bytes, contentHash));
      }
      if (context !== undefined) told = tellContext(context, envelopes, payload, bytes);
      answer = answerOf(sent, acceptedAt);
      const also = besides(sent);
      const { puts, deletes } = change.writes;
      await effect.commit(
        {
          checks: also.checks ?? [],
          puts: [...puts, ...messages, ...told.puts],
          deletes: also.deletes === undefined ? deletes : [...deletes, ...also.deletes],
          events: also.events === undefined ? events : [...events, ...also.events],
        },
        answer,
      );
    } catch (error) {
      change.failed();
      told.failed();
      shrink();
      for (const claimed of claims) this.inboxes.unclaimed(claimed);
      throw error;
    }
    change.done();
    told.done();
    for (const claimed of claims) this.inboxes.claimed(claimed);
    this.meters.accepted.add(sent.length);
    return answer;
  }
}

/** It need not be read again. */
function give(delivery: Delivery, text: string, envelope: KeptEnvelope): void {
  delivery.text = text;
  delivery.envelope = envelope;
}

/** What timelines find it by. */
function linksOf({ id, causationId, traceparent }: KeptEnvelope): TimelineLinks {
  return { kind: 'message', id, causationId, traceId: traceOf(traceparent) };
}

function nothingBesides(): Commit {
  return {};
}

/** The context of a message that goes to all who speak in it. @throws OrchestratorError `invalid_params` when another one is named besides */
function contextOf(context: string, { contextId = context }: SendParams): string {
  if (contextId === context) return context;
  const issues = [{ path: '/contextId', message: 'is not the context in /to' }];
  throw new OrchestratorError('invalid_params', '/contextId is not the context in /to; leave it out', { issues });
}

function nothing(): never {
  throw new Error('nothing was sent');
}

function missingPayload(): OrchestratorError {
  const issues = [{ path: '/payload', message: 'is required' }];
  return new OrchestratorError('invalid_params', '/payload is required', { issues });
}
