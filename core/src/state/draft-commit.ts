import type { Commit, Put } from '../store/store.js';
import type { Document } from './document.js';
import { fieldKey, headKey, replicaKey } from './document-keys.js';
import type { Draft } from './draft.js';
import type { HistoryChange } from './history.js';
import type { ReplicaRecord } from './view.js';
import type { StoredHead } from './load-document.js';

/** A commit of a draft that stands on a document, and what to do with the document once it is durable. */
export class DraftCommit {
  /** Every entry that it writes must be as the document knows it. */
  readonly commit: Required<Commit>;
  readonly #history: HistoryChange;
  readonly #writesHead: boolean;

  constructor(
    private readonly document: Document,
    private readonly draft: Draft,
  ) {
    const { key } = document;
    const checks: { key: string; revision: number }[] = [];
    const puts: Put[] = [];
    const deletes: string[] = [];
    const write = (entry: string, storedAt: number, text: string | undefined): void => {
      checks.push({ key: entry, revision: storedAt });
      if (text !== undefined) puts.push({ key: entry, text });
      else if (storedAt > 0) deletes.push(entry);
    };
    for (const [name, drafted] of draft.drafted()) {
      write(fieldKey(key, name), document.field(name)?.storedAt ?? 0, drafted?.text);
    }
    for (const [name, drafted] of draft.draftedReplicas()) {
      write(replicaKey(key, name), document.replica(name)?.storedAt ?? 0, drafted && replicaText(drafted));
    }
    this.#writesHead = draft.headChanged || document.head.storedAt === 0;
    if (this.#writesHead) {
      const { revision, defined, floor, replicaFloor } = draft;
      const head: StoredHead = { revision, definitions: defined.definitions, floor, replicaFloor };
      write(headKey(key), document.head.storedAt, JSON.stringify(head));
    }
    this.#history = document.history.adding(draft.history);
    puts.push(...this.#history.puts);
    deletes.push(...this.#history.deletes);
    this.commit = { checks, puts, deletes, events: draft.events };
  }

  /** It was committed. @param storedAt the store's revision */
  applied(storedAt: number): void {
    const { document, draft } = this;
    for (const [name, drafted] of draft.drafted()) {
      document.hold(name, drafted && { field: drafted.held.field, bytes: drafted.held.bytes, storedAt });
    }
    for (const [name, record] of draft.draftedReplicas()) document.remember(name, record && { ...record, storedAt });
    if (this.#writesHead) {
      const { defined, floor, replicaFloor } = draft;
      document.head = { defined, floor, replicaFloor, storedAt };
    }
    this.#history.applied();
    document.revision = draft.revision;
  }
}

function replicaText({ by, replica, time, results }: ReplicaRecord): string {
  return JSON.stringify({ by, replica, time, results });
}
