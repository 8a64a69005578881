import { UNDEFINED } from './definitions.js';
import type { DefinedFields } from './definitions.js';
import { History } from './history.js';
import { NEVER } from './merge/merge.js';
import type { Version } from './merge/field.js';
import { changed, NOTHING } from './view.js';
import type { Held, ReplicaRecord, Totals, View } from './view.js';

/** What is kept of a document beside its fields. */
export interface Head {
  readonly defined: DefinedFields;
  readonly floor: Version;
  /** The latest time of a replica that is no longer remembered. */
  readonly replicaFloor: string;
  /** The store's revision of its entry; 0 where the document was never written. */
  readonly storedAt: number;
}

/** A document in memory, as it is durable. Whoever changes it commits first and tells it then. */
export class Document implements View {
  revision = 0;
  totals: Totals = NOTHING;
  head: Head = { defined: UNDEFINED, floor: NEVER, replicaFloor: '', storedAt: 0 };
  readonly history: History;
  readonly #replicas = new Map<string, ReplicaRecord>();
  readonly #fields = new Map<string, Held>();

  /** @param key for example `agent/echo` */
  constructor(
    readonly key: string,
    historyBounds: { readonly historyEntries: number; readonly historyBytes: number },
  ) {
    this.history = new History(key, historyBounds);
  }

  get defined(): DefinedFields {
    return this.head.defined;
  }

  get floor(): Version {
    return this.head.floor;
  }

  get replicaFloor(): string {
    return this.head.replicaFloor;
  }

  replica(name: string): ReplicaRecord | undefined {
    return this.#replicas.get(name);
  }

  replicas(): Iterable<ReplicaRecord> {
    return this.#replicas.values();
  }

  /** Remembers a replica, or forgets it. */
  remember(name: string, record: ReplicaRecord | undefined): void {
    if (record === undefined) this.#replicas.delete(name);
    else this.#replicas.set(name, record);
  }

  field(name: string): Held | undefined {
    return this.#fields.get(name);
  }

  names(): Iterable<string> {
    return this.#fields.keys();
  }

  /** Puts a field in place, or takes it away. */
  hold(name: string, held: Held | undefined): void {
    this.totals = changed(this.totals, this.#fields.get(name), held);
    if (held === undefined) {
      this.#fields.delete(name);
      return;
    }
    this.#fields.set(name, held);
    this.revision = Math.max(this.revision, held.field.revision);
  }
}
