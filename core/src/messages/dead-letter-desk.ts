import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { deadLetterMethods, HandlerParamsOf } from '@ai-orchestrator/protocol';
import type { Static } from 'typebox';
import type { Call } from '../rpc/call.js';
import { RelayedJson } from '../rpc/relayed-json.js';
import type { Effect, Effects } from '../store/effects.js';

/** What nobody could handle, as an operator sees it. */
export type DeadLetter = Static<typeof deadLetterMethods.DeadLetter>;

type ListParams = HandlerParamsOf<typeof deadLetterMethods.deadLetterList>;
type ShowParams = HandlerParamsOf<typeof deadLetterMethods.deadLetterShow>;
type RedeliverParams = HandlerParamsOf<typeof deadLetterMethods.deadLetterRedeliver>;

/** Keeps dead letters of one kind. */
export interface DeadLetterSource {
  /** A page in the order of ids. */
  list(afterId: string | undefined, limit: number, agentId: string | undefined): Promise<readonly DeadLetter[]>;
  /** The payload is JSON. */
  show(id: string): Promise<{ readonly letter: DeadLetter; readonly payload: string } | undefined>;
  /**
   * Sends it once more, with one commit; `undefined` when there is none with this id.
   *
   * @param answerOf what the call answers, of the new id
   */
  redeliver(
    id: string,
    call: Call,
    effect: Effect,
    answerOf: (id: string) => { readonly id: string },
  ): Promise<{ readonly id: string } | undefined>;
  /** Gives it up, with one commit that answers `done`; false when there is none with this id. */
  discard(id: string, call: Call, effect: Effect, done: { readonly done: true }): Promise<boolean>;
}

const DEFAULT_LIMIT = 100;
const MARK = 'dead:';

/** What an operator does with dead letters, whatever kind they are of. */
export class DeadLetterDesk {
  readonly #sources: DeadLetterSource[] = [];

  constructor(private readonly effects: Effects) {}

  add(source: DeadLetterSource): void {
    this.#sources.push(source);
  }

  async list({
    agentId,
    limit = DEFAULT_LIMIT,
    cursor,
  }: ListParams): Promise<{ entries: DeadLetter[]; cursor?: string }> {
    const after = cursor === undefined ? undefined : idIn(cursor);
    const pages = await Promise.all(this.#sources.map((source) => source.list(after, limit + 1, agentId)));
    const found = pages.flat().sort((a, b) => (a.id < b.id ? -1 : 1));
    const entries = found.slice(0, limit);
    const last = entries.at(-1);
    if (found.length <= limit || last === undefined) return { entries };
    return { entries, cursor: Buffer.from(MARK + last.id).toString('base64url') };
  }

  async show({ id }: ShowParams): Promise<RelayedJson> {
    for (const source of this.#sources) {
      const shown = await source.show(id);
      if (shown !== undefined) return new RelayedJson(shown.payload, 'payload', { letter: shown.letter });
    }
    throw notFound(id);
  }

  redeliver(params: RedeliverParams, call: Call): Promise<{ readonly id: string }> {
    return this.effects.perform(call, params, async (effect) => {
      for (const source of this.#sources) {
        const answer = await source.redeliver(params.id, call, effect, (id) => ({ id }));
        if (answer !== undefined) return answer;
      }
      throw notFound(params.id);
    });
  }

  discard(params: RedeliverParams, call: Call): Promise<{ readonly done: true }> {
    return this.effects.perform(call, params, async (effect) => {
      const done = { done: true } as const;
      for (const source of this.#sources) if (await source.discard(params.id, call, effect, done)) return done;
      throw notFound(params.id);
    });
  }
}

function idIn(cursor: string): string {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  if (text.startsWith(MARK)) return text.slice(MARK.length);
  const issues = [{ path: '/cursor', message: 'must come from an earlier answer of this method' }];
  throw new OrchestratorError('invalid_params', '/cursor must come from an earlier answer', { issues });
}

function notFound(id: string): OrchestratorError {
  return new OrchestratorError('not_found', `dead letter ${id}`, { resource: `dead-letter/${id}` });
}
