import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { contextMethods, HandlerParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import { inject, injectable } from 'tsyringe';
import { Clock } from '../host/time.js';
import type { Call } from '../rpc/call.js';
import { Effects } from '../store/effects.js';
import type { Effect } from '../store/effects.js';
import { ContextAccess } from './context-access.js';
import { ContextCalls } from './context-calls.js';
import { contextDrafts } from './context-drafts.js';
import { ContextLimits } from './context-limits.js';
import { turnView } from './context-view.js';
import type { Turn } from './context-view.js';
import { ContextWriter } from './context-writer.js';
import type { Conversation } from './conversation.js';
import { Conversations } from './conversations.js';
import { participantKey, speakers } from './participants.js';
import type { StoredParticipant } from './stored-context.js';
import { OWN_TYPES } from './transcript-entry.js';
import type { EntryDraft } from './transcript-entry.js';
import { afterPassing, afterSpeaking, mayTakeTurn } from './turns.js';

type Params<M extends keyof typeof contextMethods> = HandlerParamsOf<(typeof contextMethods)[M]>;
type Appended = ResultOf<typeof contextMethods.contextAppend>;
type Summarized = ResultOf<typeof contextMethods.contextSummarize>;

/** A payload that was taken from a call: its text, and what the journal says of it. */
interface Payload {
  readonly text: string;
  readonly bytes: number;
  readonly hash: string;
}

/** What participants say, and whose turn it is then. */
@injectable()
export class ContextSpeaking {
  constructor(
    @inject(Effects) private readonly effects: Effects,
    @inject(Clock) private readonly clock: Clock,
    @inject(Conversations) private readonly conversations: Conversations,
    @inject(ContextWriter) private readonly writer: ContextWriter,
    @inject(ContextCalls) private readonly calls: ContextCalls,
    @inject(ContextAccess) private readonly access: ContextAccess,
    @inject(ContextLimits) private readonly limits: ContextLimits,
  ) {}

  async append(params: Params<'contextAppend'>, call: Call): Promise<Appended> {
    const payload = this.#payload(call);
    const { type = 'message' } = params;
    if (OWN_TYPES.has(type)) throw invalid('/type', `"${type}" is a type that only the daemon gives`);
    const hashed = { ...params, payload: payload.hash };
    const conversation = await this.conversations.get(params.contextId);
    if (conversation.context.turns !== 'free') {
      return this.calls.perform(call, hashed, (found, effect) => this.#append(found, params, call, payload, effect));
    }
    // Nobody waits for anybody where all may speak: what is said at the same time shares a write to the disk.
    return this.effects.perform(call, hashed, (effect) => this.#append(conversation, params, call, payload, effect));
  }

  pass(params: Params<'contextPass'>, call: Call): Promise<Turn> {
    return this.calls.perform(call, params, async (conversation, effect) => {
      const participant = this.access.speaker(call.principal, conversation, params.agentId);
      conversation.expectOpen();
      const { context, turn } = conversation;
      const own = participantKey(participant);
      const leads = participant.role === 'moderator';
      if (context.turns === 'free') throw invalid('/contextId', 'names a context in which all may speak at any time');
      if (!leads && turn.holder !== own) throw notYourTurn(conversation);
      const to = params.to === undefined ? undefined : participantKey(params.to);
      if (to !== undefined && !leads && context.turns === 'moderator') throw notYourTurn(conversation);
      if (to !== undefined && !speakers(context).includes(to)) throw invalid('/to', 'does not speak in this context');
      const next = afterPassing(context, turn.holder ?? own, to, this.clock.now());
      const change = {
        turn: next,
        notes: [{ ...speaking(participant, call), type: 'turn', turn: turnView(next), reason: 'passed' }],
        events: () => [contextDrafts.turnPassed(context.id, turn, next, 'passed', call)],
      };
      return this.writer.write(conversation, change, effect, () => turnView(next));
    });
  }

  summarize(params: Params<'contextSummarize'>, call: Call): Promise<Summarized> {
    const payload = this.#payload(call);
    const hashed = { ...params, payload: payload.hash };
    return this.calls.perform(call, hashed, async (conversation, effect) => {
      const participant = this.access.speaker(call.principal, conversation, params.agentId);
      conversation.expectOpen();
      const { context, transcript } = conversation;
      const { upTo } = params;
      const least = Math.max(context.first, (context.summary?.upTo ?? 0) + 1);
      if (upTo >= transcript.next || upTo < least) {
        throw invalid('/upTo', `must be ${String(least)} to ${String(transcript.next - 1)}`);
      }
      const now = this.clock.now();
      const covers = { from: 1, to: upTo };
      const { contentType } = params;
      const entry: EntryDraft = {
        ...speaking(participant, call),
        type: 'summary',
        covers,
        ...(contentType === undefined ? {} : { contentType }),
        payload: payload.text,
      };
      const due = Math.min(context.due ?? Infinity, now + context.originalMs);
      // Numbers are given in this same turn, so the next one is the summary's.
      const summary = { entry: transcript.next, upTo, at: now };
      const change = {
        context: { ...context, summary, due, updatedAt: now },
        entries: [entry],
        events: () => [
          contextDrafts.summarized(
            context.id,
            { entry: summary.entry, upTo, bytes: payload.bytes },
            payload.hash,
            call,
          ),
        ],
      };
      return this.writer.write(conversation, change, effect, (_numbers, at) => ({ entry: summary.entry, at, covers }));
    });
  }

  /** Plans and hands to the store within one turn of the loop. */
  async #append(
    conversation: Conversation,
    params: Params<'contextAppend'>,
    call: Call,
    payload: Payload,
    effect: Effect,
  ): Promise<Appended> {
    const participant = this.access.speaker(call.principal, conversation, params.agentId);
    conversation.expectOpen();
    const { context, turn } = conversation;
    if (!mayTakeTurn(context, turn, participant)) throw notYourTurn(conversation);
    const { type = 'message', contentType, inReplyTo, keepTurn = false } = params;
    if (inReplyTo !== undefined && inReplyTo >= conversation.transcript.next) {
      throw invalid('/inReplyTo', 'is not the number of an entry');
    }
    const next = afterSpeaking(context, turn, participantKey(participant), keepTurn, this.clock.now());
    const entry: EntryDraft = {
      ...speaking(participant, call),
      type,
      ...(contentType === undefined ? {} : { contentType }),
      ...(inReplyTo === undefined ? {} : { inReplyTo }),
      ...(context.turns === 'free' ? {} : { turn: turnView(next) }),
      payload: payload.text,
    };
    const { agent } = participant;
    const change = {
      ...(context.turns === 'free' ? {} : { turn: next }),
      entries: [entry],
      events: ([number = 0]: readonly number[]) => {
        const details = { entry: number, ...(agent === undefined ? {} : { agent }), bytes: payload.bytes };
        return [contextDrafts.appended(context.id, details, payload.hash, call)];
      },
    };
    return this.writer.write(conversation, change, effect, ([number = 0], at) => ({
      entry: number,
      at,
      ...(context.turns === 'free' ? {} : { turn: turnView(next) }),
    }));
  }

  /** The relayed bytes are gone at the first await, so they are taken before. */
  #payload({ relayed }: Call): Payload {
    if (relayed === undefined) throw invalid('/payload', 'is required');
    const { entryBytes } = this.limits;
    if (relayed.length > entryBytes) {
      throw new OrchestratorError('limit_exceeded', `a payload of ${String(relayed.length)} bytes`, {
        limit: 'contexts.entryBytes',
        value: entryBytes,
      });
    }
    const text = Buffer.from(relayed.buffer, relayed.byteOffset, relayed.byteLength).toString();
    return { text, bytes: relayed.length, hash: hash('sha256', text, 'hex') };
  }
}

function speaking({ agent }: StoredParticipant, call: Call): Pick<EntryDraft, 'by' | 'agent' | 'traceId'> {
  const traceId = call.traceparent?.split('-')[1];
  return {
    by: call.principal.id,
    ...(agent === undefined ? {} : { agent }),
    ...(traceId === undefined ? {} : { traceId }),
  };
}

function notYourTurn({ resource, turn, context }: Conversation): OrchestratorError {
  const whose = turn.holder === undefined ? 'a moderator gives it' : `${turn.holder} has it`;
  return new OrchestratorError('not_your_turn', whose, { resource, turn: turnView(turn), turns: context.turns });
}

function invalid(path: string, message: string): OrchestratorError {
  return new OrchestratorError('invalid_params', `${path} ${message}`, { issues: [{ path, message }] });
}
