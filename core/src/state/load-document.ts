import type { Entry, JsonValue, Store } from '../store/store.js';
import { DefinedFields } from './definitions.js';
import type { Definitions } from './definitions.js';
import { Document } from './document.js';
import { documentRange, headKey, partOf } from './document-keys.js';
import type { Version } from './merge/field.js';
import type { StateLimits } from './state-limits.js';
import { fieldFrom, storedField } from './stored-field.js';
import type { ReplicaRecord } from './view.js';

/** A document's head as the store keeps it. */
export interface StoredHead {
  readonly revision: number;
  readonly definitions: Definitions;
  readonly floor: Version;
  /** The latest time of a replica that is no longer remembered. */
  readonly replicaFloor: string;
}

const PAGE = 1000;

/** Reads a document; one that was never written has nothing in it. */
export async function loadDocument(store: Store, key: string, limits: StateLimits): Promise<Document> {
  const document = new Document(key, limits);
  const head = await store.get(headKey(key));
  if (head === undefined) return document;
  const { revision, definitions, floor, replicaFloor } = head.value as unknown as StoredHead;
  document.head = { defined: new DefinedFields(definitions), floor, replicaFloor, storedAt: head.revision };
  const range = documentRange(key);
  for (let from: string | undefined = range.from; from !== undefined;) {
    const page = await store.range({ ...range, from, limit: PAGE });
    for (const entry of page.entries) restore(document, entry);
    from = page.next;
  }
  document.revision = Math.max(document.revision, revision, document.history.revision);
  return document;
}

function restore(document: Document, { key, value, revision }: Entry): void {
  const { kind, name } = partOf(document.key, key);
  switch (kind) {
    case 'fields': {
      const field = fieldFrom(value);
      document.hold(name, { field, bytes: Buffer.byteLength(storedField(field)), storedAt: revision });
      return;
    }
    case 'history': {
      const { revision: wrote, outcome } = value as { revision: number; outcome: string };
      document.history.restore(Number(name), wrote, JSON.stringify(value).length, outcome === 'replaced');
      return;
    }
    case 'replicas':
      document.remember(name, {
        ...(value as Record<string, JsonValue> as unknown as ReplicaRecord),
        storedAt: revision,
      });
      return;
    default:
      throw new TypeError(`${key} is no entry of a document`);
  }
}
