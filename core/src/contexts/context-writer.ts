import { OrchestratorError } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Instruments } from '../host/instruments.js';
import type { Counter } from '../host/instruments.js';
import { Clock } from '../host/time.js';
import { KeyedQueue } from '../store/keyed-queue.js';
import { directEffect } from '../store/commit-effect.js';
import type { Effect } from '../store/effects.js';
import type { EventDraft } from '../store/record.js';
import { Signals } from '../store/signals.js';
import { Store } from '../store/store.js';
import type { Commit, JsonValue, Put } from '../store/store.js';
import { contextKey, dueKey, memberKey, turnKey } from './context-keys.js';
import { ContextLimits } from './context-limits.js';
import type { Conversation, TranscriptPlan } from './conversation.js';
import { Conversations } from './conversations.js';
import type { StoredContext, StoredTurn } from './stored-context.js';
import type { EntryDraft } from './transcript-entry.js';

/** One change of a context; what is not said stays. */
export interface ContextChange {
  readonly context?: StoredContext;
  readonly turn?: StoredTurn;
  /** What is said; refused when the transcript is full. */
  readonly entries?: readonly EntryDraft[];
  /** What happened to the conversation itself; left out when the transcript is full. */
  readonly notes?: readonly EntryDraft[];
  /** Entries that go. */
  readonly removed?: readonly { readonly key: string; readonly bytes: number }[];
  /** @param numbers of the entries and then the notes that are written */
  events(numbers: readonly number[]): readonly EventDraft[];
  /** Keys beside the context's own. */
  readonly checks?: Commit['checks'];
  readonly puts?: readonly Put[];
  readonly deletes?: readonly string[];
}

/**
 * Writes contexts. Settings and turns change one change after another, by {@link ContextWriter.run}; memory is ahead of the store while a
 * commit is under way, so that nothing is planned on what is about to end.
 */
@injectable()
export class ContextWriter {
  readonly #queue: KeyedQueue;
  readonly #written: Counter;
  /** Called when a turn may have become another's. */
  onTurn: (conversation: Conversation) => void = () => undefined;

  constructor(
    @inject(Store) private readonly store: Store,
    @inject(Clock) private readonly clock: Clock,
    @inject(Conversations) private readonly conversations: Conversations,
    @inject(Signals) private readonly signals: Signals,
    @inject(Instruments) instruments: Instruments,
    @inject(ContextLimits) limits: ContextLimits,
  ) {
    this.#queue = new KeyedQueue(limits.waitingPerContext);
    this.#written = instruments.counter('orchestrator_context_entries_total', 'Entries of transcripts written.').with();
  }

  /** Runs a job once those of the same key before it are done. @throws OrchestratorError `too_many_pending` */
  run<T>(key: string, job: () => Promise<T>): Promise<T> {
    return this.#queue.run(key, job);
  }

  /** The number below which every entry is in the store by now, or never will be. */
  async stored({ transcript: { next } }: Conversation): Promise<number> {
    // Commits keep their order: with this one all that were planned before are over.
    await this.store.commit({});
    return next;
  }

  /** Commits what no call asked for. */
  plain(): Effect {
    return directEffect(this.store);
  }

  /**
   * Commits a change. Changes of settings and turn only within {@link ContextWriter.run} of the context's id.
   *
   * @param answer what the call answers, from the numbers of the entries
   * @throws OrchestratorError `conflict`, `limit_exceeded` when the transcript is full
   */
  async write<T extends JsonValue | object>(
    conversation: Conversation,
    change: ContextChange,
    effect: Effect,
    answer: (numbers: readonly number[], at: string) => T,
  ): Promise<T> {
    const { context: before, turn: turnBefore, revisions } = conversation;
    const { context = before, turn = turnBefore } = change;
    const now = this.clock.now();
    const plans = planned(conversation, change, now);
    const numbers = plans.flatMap((plan) => plan.numbers);
    const answered = answer(numbers, new Date(now).toISOString());
    const settings = change.context === undefined && revisions.context > 0 ? undefined : contextKey(conversation.id);
    const turns = change.turn === undefined || change.turn === turnBefore ? undefined : turnKey(conversation.id);
    const commit: Commit = {
      checks: [
        ...(change.checks ?? []),
        ...(settings === undefined ? [] : [{ key: settings, revision: revisions.context }]),
        ...(turns === undefined ? [] : [{ key: turns, revision: revisions.turn }]),
      ],
      puts: [
        ...headLast(plans),
        ...(change.puts ?? []),
        ...(settings === undefined ? [] : [{ key: settings, value: context as unknown as JsonValue }]),
        ...(turns === undefined ? [] : [{ key: turns, value: turn as unknown as JsonValue }]),
        ...(settings === undefined ? [] : added(revisions.context === 0 ? undefined : before, context)),
      ],
      deletes: [
        ...plans.flatMap((plan) => plan.deletes),
        ...(change.deletes ?? []),
        ...(settings === undefined || revisions.context === 0 ? [] : gone(before, context)),
      ],
      events: change.events(numbers),
    };
    if (settings !== undefined) conversation.context = context;
    if (turns !== undefined) conversation.turn = turn;
    try {
      const revision = await effect.commit(commit, answered);
      conversation.revisions = {
        context: settings === undefined ? conversation.revisions.context : revision,
        turn: turns === undefined ? conversation.revisions.turn : revision,
      };
    } catch (error) {
      for (const plan of plans) plan.failed();
      if (settings !== undefined) conversation.context = before;
      if (turns !== undefined) conversation.turn = turnBefore;
      if (error instanceof OrchestratorError && error.errorName === 'conflict') {
        await this.conversations.refresh(conversation);
      }
      throw error;
    }
    if (turns !== undefined) this.onTurn(conversation);
    this.#written.add(numbers.length);
    this.signals.raise(conversation.id);
    return answered;
  }
}

function planned(conversation: Conversation, change: ContextChange, now: number): TranscriptPlan[] {
  const plans: TranscriptPlan[] = [];
  if (change.entries !== undefined) plans.push(conversation.append(change.entries, now));
  if (change.notes !== undefined && change.notes.length > 0) plans.push(conversation.note(change.notes, now));
  if (change.removed !== undefined) plans.push(conversation.remove(change.removed));
  return plans;
}

/** What the plans put; each has the transcript's head, and the last one's counts them all. */
function headLast(plans: readonly TranscriptPlan[]): Put[] {
  const puts = new Map<string, Put>();
  for (const put of plans.flatMap((plan) => plan.puts)) puts.set(put.key, put);
  return [...puts.values()];
}

function added(before: StoredContext | undefined, after: StoredContext): Put[] {
  const known = new Set(before?.participants.map(({ principal }) => principal));
  const puts = new Set(after.participants.map(({ principal }) => principal).filter((each) => !known.has(each)));
  const due = after.due === undefined || after.due === before?.due ? [] : [dueKey(after.due, after.id)];
  return [...[...puts].map((principal) => memberKey(principal, after.id)), ...due].map((key) => ({ key, value: null }));
}

function gone(before: StoredContext, after: StoredContext): string[] {
  const known = new Set(after.participants.map(({ principal }) => principal));
  const left = new Set(before.participants.map(({ principal }) => principal).filter((each) => !known.has(each)));
  const due = before.due === undefined || before.due === after.due ? [] : [dueKey(before.due, before.id)];
  return [...[...left].map((principal) => memberKey(principal, before.id)), ...due];
}
