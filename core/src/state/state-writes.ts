import { events, OrchestratorError } from '@ai-orchestrator/protocol';
import type { HybridClock } from '@ai-orchestrator/protocol';
import type { Call } from '../rpc/call.js';
import type { Effects } from '../store/effects.js';
import type { GatheredRecords } from '../store/gathered-records.js';
import { Author } from './author.js';
import type { Admitted } from './document-access.js';
import type { Documents } from './documents.js';
import type { Draft } from './draft.js';
import type { StateMeters } from './state-meters.js';

/** Errors of a write that say something of the document, and go into the journal. */
const RECORDED = new Set<string>(['conflict', 'invalid_params', 'limit_exceeded']);

/** Changes documents for callers: each change once for its idempotency key, with its author, and with a record where it was refused. */
export class StateWrites {
  constructor(
    private readonly documents: Documents,
    private readonly effects: Effects,
    readonly clock: HybridClock,
    readonly meters: StateMeters,
    private readonly refusals: GatheredRecords,
  ) {}

  /**
   * Changes a document, with the record of it.
   *
   * @param document which its author was found allowed to
   * @param params those of the call, by which a repeated one is known
   * @param call whose change it is
   * @param work makes the change; see {@link Documents.change}. Its answer has no contents, because it is kept
   */
  async change<T>(
    { key, expectOpen }: Admitted,
    params: { readonly idempotencyKey?: string | undefined },
    call: Call,
    work: (draft: Draft, author: Author, time: string) => T,
  ): Promise<T> {
    const author = new Author(call, key);
    try {
      return await this.effects.perform(call, params, (effect) =>
        this.documents.change(key, effect, (draft) => {
          expectOpen();
          return work(draft, author, this.clock.next());
        }),
      );
    } catch (error) {
      if (error instanceof OrchestratorError && RECORDED.has(error.errorName)) this.#refused(error.errorName, author);
      throw error;
    }
  }

  #refused(reason: string, author: Author): void {
    this.meters.wrote('refused');
    this.refusals.add(`${author.document} ${author.by} ${reason}`, (count) => ({
      ...author.draft(events.stateRefused, { reason, count }),
      outcome: 'failure',
    }));
  }
}
