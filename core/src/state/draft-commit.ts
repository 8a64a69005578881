import type { Commit, JsonValue, Put } from '../store/store.js';
import type { Document } from './document.js';
import { fieldKey, headKey, replicaKey } from './document-keys.js';
import type { Draft } from './draft.js';
import type { ReplicaRecord } from './view.js';
import type { StoredHead } from './load-document.js';

/** A commit of a draft that stands on a document, and what to do with the document once it is durable. */
export interface DraftCommit {
  readonly commit: Commit;
  /** @param revision the store's */
  applied(revision: number): void;
}

/** Makes the commit: every entry that it writes must be as the document knows it. */
export function commitOf(document: Document, draft: Draft): DraftCommit {
  const { key } = document;
  const checks: { key: string; revision: number }[] = [];
  const puts: Put[] = [];
  const deletes: string[] = [];
  const fields = [...draft.drafted()];
  for (const [name, drafted] of fields) {
    const entry = fieldKey(key, name);
    const storedAt = document.field(name)?.storedAt ?? 0;
    checks.push({ key: entry, revision: storedAt });
    if (drafted !== undefined) puts.push({ key: entry, text: drafted.text });
    else if (storedAt > 0) deletes.push(entry);
  }
  const replicas = [...draft.draftedReplicas()];
  for (const [name, drafted] of replicas) {
    const entry = replicaKey(key, name);
    const storedAt = document.replica(name)?.storedAt ?? 0;
    checks.push({ key: entry, revision: storedAt });
    if (drafted !== undefined) puts.push({ key: entry, text: replicaText(drafted) });
    else if (storedAt > 0) deletes.push(entry);
  }
  const head = draft.headChanged || document.head.storedAt === 0;
  if (head) {
    const { revision, defined, floor, replicaFloor } = draft;
    const value: StoredHead = { revision, definitions: defined.definitions, floor, replicaFloor };
    checks.push({ key: headKey(key), revision: document.head.storedAt });
    puts.push({ key: headKey(key), value: value as unknown as JsonValue });
  }
  const history = document.history.adding(draft.history);
  return {
    commit: {
      checks,
      puts: [...puts, ...history.puts],
      deletes: [...deletes, ...history.deletes],
      events: draft.events,
    },
    applied(storedAt) {
      for (const [name, drafted] of fields) document.hold(name, drafted && { ...drafted.held, storedAt });
      for (const [name, drafted] of replicas) document.remember(name, drafted && { ...drafted, storedAt });
      if (head)
        document.head = { defined: draft.defined, floor: draft.floor, replicaFloor: draft.replicaFloor, storedAt };
      history.applied();
      document.revision = draft.revision;
    },
  };
}

function replicaText({ by, replica, time, results }: ReplicaRecord): string {
  return JSON.stringify({ by, replica, time, results });
}
