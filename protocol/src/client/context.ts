import type { Static } from 'typebox';
import { OrchestratorError } from '../error.js';
import type { ParamsOf, ResultOf } from '../method.js';
import type { TranscriptEntry as TranscriptEntrySchema } from '../methods/context.js';
import type { DaemonMethodName, Methods } from '../methods/index.js';
import type { Calls } from './calls.js';
import { newKey } from './key.js';
import type { Subscription } from './subscription.js';
import type { Subscriptions } from './subscriptions.js';

/** A context as those who take part see it. */
export type ContextRecord = ResultOf<Methods['context.get']>;
/** One entry of a transcript. */
export type TranscriptEntry = Static<typeof TranscriptEntrySchema>;
/** How a context is begun. */
export type CreateContextOptions = ParamsOf<Methods['context.create']>;

type Params<M extends DaemonMethodName> = ParamsOf<Methods[M]>;
type Appended = ResultOf<Methods['context.append']>;

/** How something is said. Without an `idempotencyKey` the client makes one, so that a lost connection says nothing twice. */
export interface AppendOptions extends Omit<Params<'context.append'>, 'contextId' | 'payload'> {
  /** Waits until it is the caller's turn, instead of being refused with `not_your_turn`. */
  readonly waitForTurn?: boolean;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** What is read, and from where. */
export type ReadOptions = Omit<Params<'context.read'>, 'contextId' | 'cursor' | 'limit'>;

/** What a context needs of the client. */
export interface ContextSurroundings {
  readonly calls: Calls;
  readonly subscriptions: Subscriptions;
}

/** A conversation that several take part in; following it goes on over reconnects. */
export class Context {
  readonly contextId: string;
  readonly #around: ContextSurroundings;

  /** @internal */
  constructor(contextId: string, around: ContextSurroundings) {
    this.contextId = contextId;
    this.#around = around;
  }

  /** The context as it is now. */
  async get(): Promise<ContextRecord> {
    return (await this.#call('context.get', {})) as ContextRecord;
  }

  /** Says something. @throws OrchestratorError `not_your_turn`, unless it waits for it; `context_closed` */
  async append(payload: unknown, options: AppendOptions = {}): Promise<Appended> {
    const { waitForTurn = false, signal, ...how } = options;
    const params = { payload, idempotencyKey: newKey(), ...how };
    try {
      return (await this.#call('context.append', params)) as Appended;
    } catch (error) {
      if (waitForTurn && isEarly(error)) return this.#appendInTurn(params, signal);
      throw error;
    }
  }

  /** The transcript, page by page, oldest first unless `from` is `end`; a summary stands for the entries that it covers. */
  async *read(options: ReadOptions = {}): AsyncGenerator<TranscriptEntry, void, void> {
    for (let cursor: string | undefined; ;) {
      const page = (await this.#call('context.read', {
        ...options,
        ...(cursor === undefined ? {} : { cursor }),
      })) as ResultOf<Methods['context.read']>;
      yield* page.entries;
      if (page.cursor === undefined) return;
      ({ cursor } = page);
    }
  }

  /**
   * What was said after an entry, and then what is being said, each entry once and in order.
   *
   * @param since number of the last entry that is known already; 0 unless said
   * @throws OrchestratorError `cursor_expired` when entries that come next are no longer kept
   */
  async *follow(since = 0, signal?: AbortSignal): AsyncGenerator<TranscriptEntry, void, void> {
    // Followed first and read then, so that nothing said in between is missed.
    const coming = await this.#watch(signal);
    try {
      let last = since;
      for await (const entry of this.read({ since })) {
        last = entry.entry;
        yield entry;
      }
      for await (const entry of coming) if (entry.entry > last) yield entry;
    } finally {
      coming.close();
    }
  }

  /** Gives the turn on: to the next, or to whom a moderator names. */
  async pass(options: Omit<Params<'context.pass'>, 'contextId'> = {}): Promise<ResultOf<Methods['context.pass']>> {
    const passed = await this.#call('context.pass', { idempotencyKey: newKey(), ...options });
    return passed as ResultOf<Methods['context.pass']>;
  }

  /** Lets others take part. */
  async invite(participants: Params<'context.invite'>['participants']): Promise<ContextRecord> {
    return (await this.#call('context.invite', { participants, idempotencyKey: newKey() })) as ContextRecord;
  }

  /** Puts a summary in the place of all entries up to one. */
  async summarize(
    upTo: number,
    payload: unknown,
    options: Omit<Params<'context.summarize'>, 'contextId' | 'upTo' | 'payload'> = {},
  ): Promise<ResultOf<Methods['context.summarize']>> {
    const summary = await this.#call('context.summarize', { upTo, payload, idempotencyKey: newKey(), ...options });
    return summary as ResultOf<Methods['context.summarize']>;
  }

  /** Takes no more entries; what is there can be read on. */
  async close(): Promise<ContextRecord> {
    return (await this.#call('context.close', { idempotencyKey: newKey() })) as ContextRecord;
  }

  async #watch(signal?: AbortSignal): Promise<Subscription<TranscriptEntry>> {
    const params = { contextId: this.contextId };
    return this.#around.subscriptions.open<TranscriptEntry>({ method: 'context.watch', params }, signal);
  }

  /** Tries again whenever the turn passes, which an entry tells; and once at first, since it may have passed before that was followed. */
  async #appendInTurn(params: object, signal?: AbortSignal): Promise<Appended> {
    const coming = await this.#watch(signal);
    try {
      const turns = coming[Symbol.asyncIterator]();
      for (;;) {
        try {
          return (await this.#call('context.append', params)) as Appended;
        } catch (error) {
          if (!isEarly(error)) throw error;
        }
        let next = await turns.next();
        while (next.done !== true && !mayChangeTurns(next.value)) next = await turns.next();
        if (next.done === true) throw new OrchestratorError('canceled', undefined, {}, { cause: signal?.reason });
      }
    } finally {
      coming.close();
    }
  }

  async #call(method: DaemonMethodName, params: object): Promise<unknown> {
    return this.#around.calls.start(method, { contextId: this.contextId, ...params }, { ofWork: true });
  }
}

/** Whether it may be somebody else's turn afterwards, or nobody's ever again. */
function mayChangeTurns({ turn, type }: TranscriptEntry): boolean {
  return turn !== undefined || type === 'closed';
}

function isEarly(error: unknown): boolean {
  return error instanceof OrchestratorError && error.errorName === 'not_your_turn';
}
