import { OrchestratorError } from '../error.js';
import { HybridClock, timeBefore } from '../hybrid-time.js';
import type { ResultOf } from '../method.js';
import type { Methods } from '../methods/index.js';
import { newKey } from './key.js';
import { byKey, operated } from './replica-operation.js';
import type { PendingChange, StateOperation } from './replica-operation.js';

type Synced = ResultOf<Methods['state.sync']>;
/** One field of a document as the daemon has it. */
export type StateField = Synced['fields'][string];

/** A replica as its author may keep it: JSON. Whoever goes on with it is the only one who does. */
export interface SavedReplica {
  readonly replica: string;
  readonly revision: number;
  readonly fields: Readonly<Record<string, StateField>>;
  /** None before it was synchronised for the first time. */
  readonly rules?: Synced['rules'];
  readonly pending: readonly PendingChange[];
  /** The last time that it gave. */
  readonly time: string;
}

/** What becomes of a change when it was synchronised. */
export type ChangeOutcome = PendingChange & Pick<Synced['changes'][number], 'outcome' | 'error' | 'issues'>;

/** What a synchronisation brought. */
export interface Synchronized {
  readonly revision: number;
  /** Changes of this replica, in order. */
  readonly outcomes: readonly ChangeOutcome[];
  /** Fields that are other in the daemon's document than this replica knew. */
  readonly changed: readonly string[];
}

/** Bounds of a replica. */
export interface ReplicaOptions {
  /** Changes that may wait to be synchronised; 10,000 unless said. */
  readonly maxPending?: number;
  /** Characters of one change as JSON; 262,144 unless said. */
  readonly maxChange?: number;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * A document that can be read and written without a connection. What is written counts at once here, and in the daemon's document once
 * it is synchronised, by the rules of its fields. `state.synchronize(replica)` of a client keeps it in step.
 */
export class Replica {
  readonly #id: string;
  readonly #clock: HybridClock;
  readonly #maxPending: number;
  readonly #maxChange: number;
  #revision: number;
  #fields: Map<string, StateField>;
  #rules: Synced['rules'] | undefined;
  #pending: PendingChange[];
  #time: string;
  /** Fields as they are with what waits. */
  #values = new Map<string, unknown>();
  /** Told of each change that is made here. @internal */
  onPending: (() => void) | undefined;

  /** @param saved what {@link Replica.save} answered; a new one unless given */
  constructor(saved?: SavedReplica, options: ReplicaOptions = {}) {
    const { maxPending = 10_000, maxChange = 262_144, now = () => Date.now() } = options;
    this.#maxPending = maxPending;
    this.#maxChange = maxChange;
    this.#id = saved?.replica ?? newKey().slice(0, 16);
    this.#revision = saved?.revision ?? 0;
    this.#fields = new Map(Object.entries(saved?.fields ?? {}));
    this.#rules = saved?.rules;
    this.#pending = [...(saved?.pending ?? [])];
    this.#time = saved?.time ?? '';
    this.#clock = new HybridClock(this.#id, now, Infinity);
    if (this.#time !== '') this.#clock.observe(this.#time);
    this.#rebuild();
  }

  /** Its name, 16 hexadecimal digits. */
  get id(): string {
    return this.#id;
  }

  /** Whether it was ever synchronised: before, it does not know how its fields are merged. @internal */
  get knowsRules(): boolean {
    return this.#rules !== undefined;
  }

  /** The revision of the daemon's document that it knows. */
  get revision(): number {
    return this.#revision;
  }

  /** What waits to be synchronised, in the order in which it was written. */
  get pending(): readonly PendingChange[] {
    return this.#pending;
  }

  /** The value of a field, with what waits; `undefined` where it is not there. */
  get(field: string): unknown {
    return this.#values.get(field);
  }

  /** A field as the daemon had it, with its conflict where it has one. */
  known(field: string): StateField | undefined {
    return this.#fields.get(field);
  }

  /** All fields that are there, with what waits. */
  values(): Record<string, unknown> {
    return Object.fromEntries([...this.#values].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Writes a field. @throws OrchestratorError `invalid_params` for what is no JSON, `too_many_pending`, `limit_exceeded` */
  put(field: string, value: unknown): void {
    this.change(field, { value });
  }

  /** Deletes a field; of one that is merged key by key the keys that are known here. @throws OrchestratorError `too_many_pending` */
  delete(field: string): void {
    this.change(field, { delete: true });
  }

  /**
   * Adds to a counter, puts into a set, sets keys of a map, writes a field or deletes it.
   *
   * @throws OrchestratorError `invalid_params` for what is no JSON, `too_many_pending`, `limit_exceeded`
   */
  change(field: string, operation: StateOperation): void {
    if (this.#isMerged(field)) for (const one of byKey(this.get(field), operation)) this.#change(field, one);
    else {
      // Leaves the time before it free, for the keys that it deletes should the field turn out to be merged key by key.
      this.#clock.next();
      this.#change(field, operation);
    }
  }

  /** What it takes to go on with it later, as JSON. */
  save(): SavedReplica {
    const fields = Object.fromEntries(this.#fields);
    const [replica, revision] = [this.#id, this.#revision];
    const rules = this.#rules === undefined ? {} : { rules: this.#rules };
    return structuredClone({ replica, revision, fields, ...rules, pending: this.#pending, time: this.#time });
  }

  /** Takes in what the daemon answered for the first of what waits. @internal */
  synchronized({ revision, changes, fields, complete, rules }: Synced): Synchronized {
    const came = new Map(changes.map((change) => [change.time, change]));
    const outcomes = this.#pending.flatMap((pending) => {
      const { outcome, error, issues } = came.get(pending.time) ?? {};
      if (outcome === undefined) return [];
      return [{ ...pending, outcome, ...(error && { error }), ...(issues && { issues }) }];
    });
    const changed = new Set(
      Object.keys(fields).filter((name) => this.#fields.get(name)?.revision !== fields[name]?.revision),
    );
    this.#pending = this.#waiting(came, rules);
    if (complete === true) {
      for (const name of this.#fields.keys()) if (!Object.hasOwn(fields, name)) changed.add(name);
      this.#fields.clear();
    }
    for (const [name, field] of Object.entries(fields)) {
      if (field.deleted === true && field.conflict === undefined) this.#fields.delete(name);
      else this.#fields.set(name, field);
    }
    this.#revision = revision;
    this.#rules = rules;
    this.#rebuild();
    return { revision, outcomes, changed: [...changed] };
  }

  /** Gives up a change that the daemon takes in no document. @internal */
  refused(change: PendingChange, { errorName, data }: OrchestratorError): Synchronized {
    this.#pending = this.#pending.filter(({ time }) => time !== change.time);
    this.#rebuild();
    const { issues } = data as Pick<ChangeOutcome, 'issues'>;
    const outcome: ChangeOutcome = { ...change, outcome: 'refused', error: errorName, ...(issues && { issues }) };
    return { revision: this.#revision, outcomes: [outcome], changed: [] };
  }

  #change(field: string, operation: StateOperation): void {
    if (this.#pending.length >= this.#maxPending) {
      throw new OrchestratorError('too_many_pending', `${this.#maxPending} changes wait to be synchronised`, {
        limit: this.#maxPending,
      });
    }
    const text = JSON.stringify(operation);
    if (text.length > this.#maxChange) {
      throw new OrchestratorError('limit_exceeded', `a change of ${field} takes ${text.length} characters`, {
        limit: 'maxChange',
        value: this.#maxChange,
      });
    }
    // A copy, so that it stays what was written.
    const copy = JSON.parse(text) as StateOperation;
    const [kind] = Object.keys(operation);
    if (kind === undefined || !Object.hasOwn(copy, kind)) {
      throw new OrchestratorError('invalid_params', `the change of ${field} has no value that JSON can hold`);
    }
    this.#time = this.#clock.next();
    this.#pending.push({ field, base: this.#revision, time: this.#time, ...copy });
    this.#hold(field, operated(this.#values.get(field), copy));
    this.onPending?.();
  }

  /**
   * What still waits. Of fields that are now known to be merged key by key, what was written as a whole names the keys that it knew.
   *
   * @param rules that are now known
   */
  #waiting(came: ReadonlyMap<string, unknown>, rules: Synced['rules']): PendingChange[] {
    const values = new Map([...this.#fields].map(([name, { value }]) => [name, value]));
    let last = '';
    return this.#pending.flatMap((change) => {
      const { field, base, time, ...operation } = change;
      const known = values.get(field);
      values.set(field, operated(known, operation));
      const [before, after] = [timeBefore(time), last];
      last = time;
      if (came.has(time)) return [];
      if (this.#isMerged(field) || !isMerged(rules, field)) return [change];
      const operations = byKey(known, operation).map((one, i, { length }) => {
        return { field, base, time: i === length - 1 ? time : before, ...one };
      });
      // One that an earlier version saved left no time free.
      return operations.filter((one) => one.time > after);
    });
  }

  /** Whether a field is a map that is merged key by key. */
  #isMerged(field: string): boolean {
    return isMerged(this.#rules, field);
  }

  #rebuild(): void {
    this.#values = new Map();
    for (const [name, { value }] of this.#fields) this.#hold(name, value);
    for (const { field, ...change } of this.#pending) {
      this.#hold(field, operated(this.#values.get(field), change));
    }
  }

  #hold(field: string, value: unknown): void {
    if (value === undefined) this.#values.delete(field);
    else this.#values.set(field, value);
  }
}

function isMerged(rules: Synced['rules'] | undefined, field: string): boolean {
  const { rule, merge = 'map' } = rules?.[field] ?? {};
  return rule === 'merge' && merge === 'map';
}
