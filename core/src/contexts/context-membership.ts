import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { contextMethods, HandlerParamsOf } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import type { Static } from 'typebox';
import { Agents } from '../agents/agents.js';
import { Clock, Random } from '../host/time.js';
import type { Call } from '../rpc/call.js';
import { Effects } from '../store/effects.js';
import type { Effect } from '../store/effects.js';
import { Store } from '../store/store.js';
import { ContextAccess } from './context-access.js';
import { ContextCalls } from './context-calls.js';
import { contextDrafts } from './context-drafts.js';
import { ownerKey } from './context-keys.js';
import { ContextLimits } from './context-limits.js';
import { participantView } from './context-view.js';
import type { ContextRecord } from './context-view.js';
import { ContextWriter } from './context-writer.js';
import type { Conversation } from './conversation.js';
import { Conversations } from './conversations.js';
import { joined, participantKey, participantName, speakers } from './participants.js';
import type { ParticipantName } from './participants.js';
import type { StoredContext, StoredParticipant } from './stored-context.js';
import type { EntryDraft } from './transcript-entry.js';
import { afterChange, turnNotes } from './turns.js';

type Params<M extends keyof typeof contextMethods> = HandlerParamsOf<(typeof contextMethods)[M]>;
type Invitation = Static<typeof contextMethods.Invitation>;

/** Begins contexts, and changes who takes part in them. */
@injectable()
export class ContextMembership {
  constructor(
    @inject(Store) private readonly store: Store,
    @inject(Effects) private readonly effects: Effects,
    @inject(Clock) private readonly clock: Clock,
    @inject(Random) private readonly random: Random,
    @inject(Agents) private readonly agents: Agents,
    @inject(Conversations) private readonly conversations: Conversations,
    @inject(ContextWriter) private readonly writer: ContextWriter,
    @inject(ContextCalls) private readonly calls: ContextCalls,
    @inject(ContextAccess) private readonly access: ContextAccess,
    @inject(ContextLimits) private readonly limits: ContextLimits,
  ) {}

  async create(params: Params<'contextCreate'>, call: Call): Promise<ContextRecord> {
    const made = { now: false };
    const { contextId: id } = await this.effects.perform(call, params, async (effect) => {
      const contextId = params.contextId ?? this.random.uuid();
      const context = this.#begun(contextId, params, call);
      return this.writer.run(contextId, () =>
        this.writer.run(ownerKey(call.principal.id), async () => {
          if ((await this.conversations.find(contextId)) !== undefined) {
            throw new OrchestratorError('conflict', `there is a context ${contextId} already, or was one`, {
              resource: `context/${contextId}`,
            });
          }
          const conversation = this.conversations.begin(context);
          const change = { events: () => [contextDrafts.created(context, call)], ...(await this.#oneMore(call)) };
          const answer = await this.writer.write(conversation, change, effect, () => ({ contextId }));
          this.conversations.add(conversation);
          made.now = true;
          return answer;
        }),
      );
    });
    return this.calls.record(call, id, made.now);
  }

  invite(params: Params<'contextInvite'>, call: Call): Promise<ContextRecord> {
    return this.calls.change(call, params, async (conversation, effect) => {
      this.access.expectModerator(call.principal, conversation);
      conversation.expectOpen();
      const { context, turn } = conversation;
      const now = this.clock.now();
      const joining = params.participants.map((each) => this.#participant(each, call, now));
      const participants = joined(context.participants, joining);
      this.#expectRoom(participants.length);
      this.#expectModerated(context, participants);
      const next = { ...context, participants, updatedAt: now };
      const after = { context: next, turn: afterChange(context, next, turn, now) };
      const notes = [
        ...joining.map((each) => this.#note(each, call, 'joined')),
        ...turnNotes({ context, turn }, after, call.principal.id),
      ];
      const events = () => joining.map((each) => contextDrafts.joined(context.id, each, call));
      return this.writer.write(conversation, { ...after, notes, events }, effect, () => ({}));
    });
  }

  remove(params: Params<'contextRemove'>, call: Call): Promise<ContextRecord> {
    const key = participantKey(params.participant);
    return this.calls.change(call, params, async (conversation, effect) => {
      this.access.expectModerator(call.principal, conversation);
      conversation.expectOpen();
      const leaving = conversation.context.participants.find((each) => participantKey(each) === key);
      return this.#leave(conversation, leaving, true, call, effect);
    });
  }

  leave(params: Params<'contextLeave'>, call: Call): Promise<{ left: ParticipantName }> {
    return this.calls.perform(call, params, async (conversation, effect) => {
      const leaving = this.access.participant(call.principal, conversation, params.agentId);
      return this.#leave(conversation, leaving, false, call, effect);
    });
  }

  async #leave(
    conversation: Conversation,
    leaving: StoredParticipant | undefined,
    removed: boolean,
    call: Call,
    effect: Effect,
  ): Promise<{ left: ParticipantName }> {
    const { context, turn } = conversation;
    if (leaving === undefined) {
      throw new OrchestratorError('conflict', 'nobody of that name takes part', { resource: conversation.resource });
    }
    const participants = context.participants.filter((each) => each !== leaving);
    this.#expectModerated(context, participants);
    const now = this.clock.now();
    const next = { ...context, participants, updatedAt: now };
    const left = participantName(participantKey(leaving));
    const after = { context: next, turn: afterChange(context, next, turn, now) };
    const notes = [
      this.#note(leaving, call, removed ? 'removed' : 'left'),
      ...turnNotes({ context, turn }, after, call.principal.id),
    ];
    const change = {
      ...after,
      notes: context.state === 'open' ? notes : [],
      events: () => [contextDrafts.left(context.id, leaving, removed, call)],
    };
    return this.writer.write(conversation, change, effect, () => ({ left }));
  }

  #begun(id: string, params: Params<'contextCreate'>, call: Call): StoredContext {
    const now = this.clock.now();
    const invited = (params.participants ?? []).map((each) => this.#participant(each, call, now));
    const own = { principal: call.principal.id, role: 'moderator', joinedAt: now } as const;
    const leads = invited.some(({ principal, role }) => principal === own.principal && role === 'moderator');
    const participants = joined(leads ? [] : [own], invited);
    this.#expectRoom(participants.length);
    const {
      title,
      turns = 'free',
      turnMs = this.limits.turnMs,
      retentionMs,
      originalMs = this.limits.originalMs,
    } = params;
    return {
      id,
      ...(title === undefined ? {} : { title }),
      state: 'open',
      turns,
      turnMs,
      ...(retentionMs === undefined ? {} : { retentionMs, due: now + retentionMs }),
      originalMs,
      createdBy: call.principal.id,
      createdAt: now,
      updatedAt: now,
      participants,
      first: 1,
    };
  }

  #participant(invitation: Invitation, call: Call, joinedAt: number): StoredParticipant {
    const { role = 'member' } = invitation;
    if (!('agent' in invitation)) return { principal: invitation.principal, role, joinedAt };
    const { owner } = this.agents.get(call.principal, invitation.agent);
    return { principal: owner, agent: invitation.agent, role, joinedAt };
  }

  #note(participant: StoredParticipant, call: Call, reason: string): EntryDraft {
    return { by: call.principal.id, type: 'participant', participant: participantView(participant), reason };
  }

  #expectRoom(participants: number): void {
    const { participants: limit } = this.limits;
    if (participants <= limit) return;
    throw new OrchestratorError('limit_exceeded', `${String(participants)} participants; at most ${String(limit)}`, {
      limit: 'contexts.participants',
      value: limit,
    });
  }

  /** Whoever goes last may; else somebody must be left to lead. */
  #expectModerated(context: StoredContext, after: readonly StoredParticipant[]): void {
    if (after.length === 0 || after.some(({ role }) => role === 'moderator')) return;
    throw new OrchestratorError('conflict', 'nobody would be left to lead; make another a moderator first', {
      resource: `context/${context.id}`,
      speakers: speakers({ ...context, participants: after }),
    });
  }

  async #oneMore({ principal }: Call) {
    const key = ownerKey(principal.id);
    const entry = await this.store.get(key);
    const count = Number(entry?.value ?? 0);
    const { contextsPerPrincipal: limit } = this.limits;
    if (count >= limit) {
      throw new OrchestratorError('limit_exceeded', `${principal.id} has ${String(count)} contexts; erase some`, {
        limit: 'contexts.contextsPerPrincipal',
        value: limit,
      });
    }
    return { checks: [{ key, revision: entry?.revision ?? 0 }], puts: [{ key, value: count + 1 }] };
  }
}
