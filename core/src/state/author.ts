import { events } from '@ai-orchestrator/protocol';
import type { DetailsOf, EventDeclaration } from '@ai-orchestrator/protocol';
import type { Call } from '../rpc/call.js';
import type { EventDraft } from '../store/record.js';
import type { JsonValue } from '../store/store.js';

/** Names of fields that an event lists at most. */
const NAMED = 32;

/** Who changes a document, and drafts of the journal's records about it. */
export class Author {
  readonly by: string;
  readonly #traceId: string | undefined;

  /** @param document its key */
  constructor(
    { principal, traceparent }: Pick<Call, 'principal' | 'traceparent'>,
    readonly document: string,
  ) {
    this.by = principal.id;
    this.#traceId = traceparent?.split('-')[1];
  }

  /** @param contentHash sha256 of what was written, hex */
  draft<E extends EventDeclaration>(
    event: E,
    details: Omit<DetailsOf<E>, 'document'> & Record<string, JsonValue>,
    contentHash?: string,
  ): EventDraft {
    return this.#draft(event, JSON.stringify({ document: this.document, ...details }), contentHash);
  }

  /** The record of one field that was written. By hand, as it is on every write's way. */
  written(field: string, revision: number, outcome: string, contentHash: string | undefined): EventDraft {
    const text = `{"document":${JSON.stringify(this.document)},"fields":[${JSON.stringify(field)}],"revision":${String(revision)},"outcome":"${outcome}"}`;
    return this.#draft(events.stateWritten, text, contentHash);
  }

  #draft(event: EventDeclaration, detailsText: string, contentHash: string | undefined): EventDraft {
    return {
      action: event.name,
      resource: `state/${this.document}`,
      principal: this.by,
      detailsText,
      contentHash,
      traceId: this.#traceId,
    };
  }
}

/** The names that an event lists. */
export function named(fields: readonly string[]): string[] {
  return fields.slice(0, NAMED);
}
