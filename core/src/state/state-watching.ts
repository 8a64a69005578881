import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, ResultOf, stateMethods } from '@ai-orchestrator/protocol';
import type { Principal } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import { connectionOf } from '../rpc/session-handlers.js';
import type { SubscriptionBatch } from '../rpc/session.js';
import type { Store } from '../store/store.js';
import type { Admitted, DocumentAccess } from './document-access.js';
import type { Document } from './document.js';
import type { Documents } from './documents.js';
import { fieldText, timeOf } from './field-text.js';
import { invalid } from './operation.js';

/** A write as the history keeps it. */
interface KeptWrite {
  readonly revision: number;
  readonly field?: string;
  readonly time: string;
}

const BATCH = 64;

/** Sends the writes to a document to who follows it: each once and in order, from its history. */
export class StateWatching {
  /** @param batchBytes of one batch, about */
  constructor(
    private readonly documents: Documents,
    private readonly store: Store,
    private readonly access: DocumentAccess,
    private readonly batchBytes: number,
  ) {}

  async watch(
    params: HandlerParamsOf<typeof stateMethods.stateWatch>,
    call: Call,
  ): Promise<ResultOf<typeof stateMethods.stateWatch>> {
    const session = connectionOf(call);
    const admitted = await this.access.admit(params, call, 'read');
    const { key } = admitted;
    const document = await this.documents.read(key);
    const from = params.after === undefined ? document.revision : revisionIn(key, params.after);
    if (document.history.since(from) === undefined) throw expired(document);
    const cursor = watchCursor(key, from);
    const follow = (signal: AbortSignal) => this.#follow(admitted, call.principal, from, signal);
    return { subscriptionId: session.subscribe(follow, cursor, 'state:read'), revision: from, cursor };
  }

  async *#follow(
    { key, of }: Admitted,
    principal: Principal,
    from: number,
    signal: AbortSignal,
  ): AsyncGenerator<SubscriptionBatch> {
    let last = from;
    while (!signal.aborted) {
      const woken = this.documents.changed(key, signal);
      for (;;) {
        if (!(await this.access.reads(of, principal))) {
          throw new OrchestratorError('permission_denied', `${key} is no longer for you to read`, {
            permission: 'state:read',
            resource: key,
          });
        }
        const entries = await this.#after(key, last);
        const latest = entries.at(-1);
        if (latest === undefined) break;
        last = latest.revision;
        yield { entries, cursor: watchCursor(key, last) };
      }
      await woken;
    }
  }

  /** The next writes after a revision. */
  async #after(key: string, revision: number): Promise<{ readonly revision: number }[]> {
    const document = await this.documents.read(key);
    const places = document.history.since(revision);
    if (places === undefined) throw expired(document);
    const next = places.slice(0, BATCH);
    const kept = await this.store.getTexts(next.map((place) => place.key));
    const entries: { readonly revision: number }[] = [];
    let bytes = 0;
    for (const [i, place] of next.entries()) {
      if (bytes >= this.batchBytes) break;
      const text = kept[i]?.text;
      const write = text === undefined ? undefined : (JSON.parse(text) as KeptWrite);
      // Another took its place meanwhile.
      if (text === undefined || write?.revision !== place.revision) throw expired(document);
      const state = stateText(document, write);
      const { time, ...shown } = write;
      entries.push({
        ...shown,
        ...{ at: timeOf(time) },
        ...(state === undefined ? {} : { state: JSON.parse(state) as unknown }),
      });
      bytes += text.length + (state?.length ?? 0);
    }
    return entries;
  }
}

/** The field after a write, where no later one changed it yet. */
function stateText(document: Document, { field, revision }: KeptWrite): string | undefined {
  const held = field === undefined ? undefined : document.field(field);
  return held?.field.revision === revision && field !== undefined ? fieldText(document, field, held.field) : undefined;
}

/** Where somebody stands who has seen all writes up to a revision. */
function watchCursor(key: string, revision: number): string {
  return Buffer.from(`watch:${key}:${String(revision)}`).toString('base64url');
}

/** @throws OrchestratorError `invalid_params` when the cursor is of another document or method */
function revisionIn(key: string, cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const mark = `watch:${key}:`;
  const revision = Number(text.slice(mark.length));
  if (text.startsWith(mark) && Number.isSafeInteger(revision) && revision >= 0) return revision;
  throw invalid('/after', 'must come from an earlier answer about this document');
}

function expired({ key }: Document): OrchestratorError {
  return new OrchestratorError('cursor_expired', `writes to ${key} that come next are no longer kept; read it anew`);
}
