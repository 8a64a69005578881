import type { stateMethods, HandlerParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import { RelayedJson } from '../rpc/relayed-json.js';
import type { Store } from '../store/store.js';
import type { Admitted } from './document-access.js';
import type { Documents } from './documents.js';
import { fieldsText, timeOf } from './field-text.js';
import { lastWrite } from './merge/read.js';
import { invalid } from './operation.js';
import type { SyncedChange } from './sync.js';
import type { View } from './view.js';

type Params<M extends keyof typeof stateMethods> = HandlerParamsOf<(typeof stateMethods)[M]>;
type HistoryPage = ResultOf<typeof stateMethods.stateHistory>;
type DocumentPage = ResultOf<typeof stateMethods.stateList>;

const DEFAULT_LIMIT = 100;
const MARK = 'state:';

/** What a history entry is as the store keeps it. */
interface StoredWrite extends Omit<HistoryPage['entries'][number], 'at'> {
  readonly time: string;
}

/** Reads documents for callers who were found allowed to. */
export class StateReads {
  constructor(
    private readonly documents: Documents,
    private readonly store: Store,
  ) {}

  async get({ key, of }: Admitted, names?: readonly string[]): Promise<RelayedJson> {
    const about = JSON.stringify(of).slice(1, -1);
    const document = await this.documents.read(key);
    const fields = fieldsText(document, names ?? document.names());
    return new RelayedJson(Buffer.from(`{${about},"revision":${String(document.revision)},"fields":${fields}}`));
  }

  /** What a replica that knows the document up to a revision has to learn. */
  async since({ key, of }: Admitted, known: number, changes: readonly SyncedChange[]): Promise<RelayedJson> {
    const document = await this.documents.read(key);
    const { revision, floor, defined } = document;
    // Deletions up to the floor are no longer remembered by name.
    const complete = known === 0 || known < floor.revision || known > revision;
    const fields = fieldsText(document, document.names(), complete ? undefined : known);
    const about = JSON.stringify({ ...of, revision, changes, ...(complete ? { complete } : {}), rules: defined.rules });
    return new RelayedJson(Buffer.from(`${about.slice(0, -1)},"fields":${fields}}`));
  }

  /** The line of a document in the export of its context: what holds, what is in conflict, and what was defined. */
  async exported(key: string): Promise<string | undefined> {
    const document = await this.documents.read(key);
    if (document.head.storedAt === 0) return undefined;
    const { revision, defined } = document;
    const fields = fieldsText(document, document.names());
    return `{"state":{"revision":${String(revision)},"fields":${fields},"defined":${JSON.stringify(defined.definitions)}}}`;
  }

  async history(
    { key }: Admitted,
    { field, limit = DEFAULT_LIMIT, cursor }: Params<'stateHistory'>,
  ): Promise<HistoryPage> {
    const before = cursor === undefined ? Infinity : revisionIn(cursor);
    const document = await this.documents.read(key);
    const stored = await this.store.getMany(document.history.keys());
    // One that was replaced is there twice where it was short enough at first.
    const byRevision = new Map<number, StoredWrite>();
    for (const entry of stored) {
      const write = entry?.value as unknown as StoredWrite | undefined;
      if (write === undefined || write.revision >= before || (field !== undefined && write.field !== field)) continue;
      if (byRevision.get(write.revision)?.outcome !== 'replaced') byRevision.set(write.revision, write);
    }
    const writes = [...byRevision.values()].sort((a, b) => b.revision - a.revision);
    const entries = writes.slice(0, limit).map(({ time, ...write }) => ({ ...write, at: timeOf(time) }));
    const last = entries.at(-1);
    return writes.length > limit && last ? { entries, cursor: stateCursor(last.revision) } : { entries };
  }

  /** @param visible whether the caller may read the document of this agent */
  async list(
    { limit = DEFAULT_LIMIT, cursor }: Params<'stateList'>,
    visible: (agentId: string) => Promise<boolean>,
  ): Promise<DocumentPage> {
    const after = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url').toString();
    const { keys, more } = await this.documents.list('agent', after, limit);
    const entries: DocumentPage['entries'] = [];
    for (const key of keys) {
      const agentId = key.slice('agent/'.length);
      if (await visible(agentId)) entries.push(summary(agentId, await this.documents.read(key)));
    }
    const last = keys.at(-1);
    return more && last !== undefined ? { entries, cursor: Buffer.from(last).toString('base64url') } : { entries };
  }
}

/** Where a reader of a document is. */
export function stateCursor(revision: number): string {
  return Buffer.from(`${MARK}${String(revision)}`).toString('base64url');
}

/** @throws OrchestratorError `invalid_params` when the cursor is none of ours */
export function revisionIn(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString('latin1');
  const revision = Number(text.slice(MARK.length));
  if (text.startsWith(MARK) && Number.isSafeInteger(revision) && revision >= 0) return revision;
  throw invalid('/cursor', 'must come from an earlier answer about this document');
}

function summary(agentId: string, document: View): DocumentPage['entries'][number] {
  let latest = '';
  for (const name of document.names()) {
    const held = document.field(name);
    const time = held === undefined ? '' : lastWrite(held.field).time;
    if (time > latest) latest = time;
  }
  const { fields, conflicts, bytes } = document.totals;
  return {
    agentId,
    revision: document.revision,
    fields,
    conflicts,
    bytes,
    ...(latest === '' ? {} : { updatedAt: timeOf(latest) }),
  };
}
