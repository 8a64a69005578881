import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { EventDraft } from '../store/record.js';
import type { DefinedFields } from './definitions.js';
import type { HistoryDraft } from './history.js';
import type { Field, Merge, Operation, Version, Write } from './merge/field.js';
import { absentField, merge, unfit } from './merge/merge.js';
import { later, observed } from './merge/field.js';
import { lastWrite, textOf } from './merge/read.js';
import { raised } from './merge/map.js';
import { invalid, operationText } from './operation.js';
import type { StateLimits } from './state-limits.js';
import { storedField } from './stored-field.js';
import { changed, replicaName } from './view.js';
import type { Held, ReplicaRecord, Totals, View } from './view.js';

/** What a draft needs to judge by. */
export interface DraftRules {
  readonly limits: StateLimits;
  /** What is wrong with a value under a schema. */
  readonly issues: (
    schemaText: string,
    value: unknown,
  ) => readonly { readonly path: string; readonly message: string }[];
}

const NO_REPLICAS: ReadonlyMap<string, ReplicaRecord | undefined> = new Map();

/** A field that a draft wrote, as it will be kept. */
export interface Drafted {
  readonly held: Held;
  readonly text: string;
}

/**
 * A change of a document that is being made up: what is read of it is as if it were done. A draft may stand on another draft, which
 * takes it over whole or not at all.
 */
export class Draft implements View {
  revision: number;
  totals: Totals;
  defined: DefinedFields;
  floor: Version;
  readonly history: HistoryDraft[] = [];
  readonly events: EventDraft[] = [];
  replicaFloor: string;
  /** Bytes that it writes, about. */
  bytes = 0;
  readonly #drafted = new Map<string, Drafted | undefined>();
  /** Made when there is one, as most drafts have none. */
  #replicas: Map<string, ReplicaRecord | undefined> | undefined;

  constructor(
    private readonly parent: View,
    private readonly rules: DraftRules,
  ) {
    ({ revision: this.revision, totals: this.totals, defined: this.defined, floor: this.floor } = parent);
    this.replicaFloor = parent.replicaFloor;
  }

  /** Whether there is anything to commit. */
  get empty(): boolean {
    if (this.#drafted.size + this.history.length + this.events.length > 0) return false;
    return this.#replicas === undefined && !this.headChanged;
  }

  /** Whether definitions, or what stands for forgotten fields, are other than before. */
  get headChanged(): boolean {
    return (
      this.defined !== this.parent.defined ||
      this.floor !== this.parent.floor ||
      this.replicaFloor !== this.parent.replicaFloor
    );
  }

  field(name: string): Held | undefined {
    const drafted = this.#drafted.get(name);
    if (drafted !== undefined) return drafted.held;
    return this.#drafted.has(name) ? undefined : this.parent.field(name);
  }

  *replicas(): Iterable<ReplicaRecord> {
    const own = this.#replicas ?? NO_REPLICAS;
    for (const record of this.parent.replicas()) if (!own.has(replicaName(record))) yield record;
    for (const record of own.values()) if (record !== undefined) yield record;
  }

  replica(name: string): ReplicaRecord | undefined {
    return this.#replicas?.has(name) ? this.#replicas.get(name) : this.parent.replica(name);
  }

  /** Replicas that it writes; `undefined` for those that are forgotten. */
  draftedReplicas(): ReadonlyMap<string, ReplicaRecord | undefined> {
    return this.#replicas ?? NO_REPLICAS;
  }

  /** Remembers what came of a replica; past the bound the one that was away the longest is forgotten. */
  remember(record: ReplicaRecord): void {
    this.#setReplica(replicaName(record), record);
    const all = [...this.replicas()];
    if (all.length <= this.rules.limits.replicas) return;
    const oldest = all.reduce((a, b) => (b.time < a.time ? b : a));
    this.#setReplica(replicaName(oldest), undefined);
    this.replicaFloor = later(this.replicaFloor, oldest.time);
  }

  *names(): Iterable<string> {
    for (const name of this.parent.names()) if (!this.#drafted.has(name)) yield name;
    for (const [name, drafted] of this.#drafted) if (drafted !== undefined) yield name;
  }

  /** Fields that it writes; `undefined` for those that are forgotten. */
  drafted(): ReadonlyMap<string, Drafted | undefined> {
    return this.#drafted;
  }

  /**
   * Merges a write into a field and keeps it in the history.
   *
   * @param at where the value stands, for errors about it: a JSON Pointer
   * @throws OrchestratorError `invalid_params` (its kind or a schema), `conflict` (with `current` and `yours`), `limit_exceeded`
   */
  write(name: string, write: Omit<Write, 'revision'>, at = '/value'): Exclude<Merge['outcome'], 'refused'> {
    const { limits } = this.rules;
    const revision = this.revision + 1;
    const before = this.current(name);
    const { operation, time, by, base, origin } = write;
    const misfit = unfit(before.kind, operation, origin);
    if (misfit !== undefined) throw invalid(at, misfit);
    const whole = { operation, time, by, base, origin, revision };
    const { field, outcome, reason } = merge(before, this.defined.policyOf(name), whole, limits);
    if (outcome === 'refused') throw conflict(name, before, operation, reason ?? 'it was refused');
    if (field !== before) {
      this.#check(name, field, operation, at);
      this.hold(name, field);
      this.#recordReplaced(name, before, whole);
    }
    this.revision = revision;
    this.recordWrite(name, outcome, write, before.kind === 'plain' && outcome === 'written');
    return outcome;
  }

  /** The state of a field, there or not. */
  current(name: string): Field {
    return this.field(name)?.field ?? absentField(this.defined.policyOf(name), this.floor);
  }

  /**
   * Keeps a write in the history, under the revision that is.
   *
   * @param holds whether its value is in the field: a long one is not kept twice
   */
  recordWrite(name: string, outcome: string, write: Omit<Write, 'revision'>, holds = false): void {
    const { by, time, operation } = write;
    const long = holds && operation.type === 'value' && operation.text.length > this.rules.limits.historyValueBytes;
    const text = long ? `{"bytes":${String(operation.text.length)}}` : operationText(operation);
    this.#addHistory(this.revision, name, outcome, by, time, text);
  }

  /** Keeps a write that was not taken in the history, under a revision of its own. */
  refuse(name: string, write: Omit<Write, 'revision'>): void {
    this.revision++;
    this.recordWrite(name, 'refused', write);
  }

  /** Keeps in the history that schemas or rules were set; names of their fields, no schemas. */
  recordDefined(names: readonly string[], by: string, time: string): void {
    this.revision++;
    this.#addHistory(this.revision, undefined, 'defined', by, time, JSON.stringify({ define: names }));
  }

  /**
   * Puts a field in place.
   *
   * @throws OrchestratorError `limit_exceeded`
   */
  hold(name: string, field: Field): void {
    const { limits } = this.rules;
    const text = storedField(field);
    const bytes = Buffer.byteLength(text);
    if (bytes > limits.fieldBytes)
      throw full('fieldBytes', limits.fieldBytes, `${name} would take ${String(bytes)} bytes`);
    const before = this.field(name);
    const held = { field, bytes, storedAt: before?.storedAt ?? 0 };
    const totals = changed(this.totals, before, held);
    const grows = totals.fields > this.totals.fields;
    if (grows && totals.fields > limits.fields) throw full('fields', limits.fields, 'delete some first');
    if (totals.bytes > limits.documentBytes && totals.bytes > this.totals.bytes) {
      throw full('documentBytes', limits.documentBytes, `the document would take ${String(totals.bytes)} bytes`);
    }
    this.totals = totals;
    this.#drafted.set(name, { held, text });
    this.bytes += bytes;
    if (totals.tombstones > limits.tombstones) this.#forget();
  }

  /** Checks all fields together. @throws OrchestratorError `invalid_params` */
  checkDocument(written?: string, at = '/value'): void {
    const { schemaText } = this.defined;
    if (schemaText === undefined) return;
    const [issue] = this.rules.issues(schemaText, JSON.parse(documentText(this)));
    if (issue === undefined) return;
    const own = written === undefined ? undefined : `/${written}`;
    if (own !== undefined && (issue.path === own || issue.path.startsWith(`${own}/`))) {
      throw invalid(`${at}${issue.path.slice(own.length)}`, issue.message);
    }
    throw invalid(at, `makes the document not valid: ${issue.path === '' ? 'it' : issue.path} ${issue.message}`);
  }

  /** Takes over what a draft that stands on this one did. */
  absorb(draft: Draft): void {
    ({ revision: this.revision, totals: this.totals, defined: this.defined, floor: this.floor } = draft);
    for (const [name, drafted] of draft.drafted()) this.#drafted.set(name, drafted);
    this.history.push(...draft.history);
    this.events.push(...draft.events);
    this.replicaFloor = draft.replicaFloor;
    for (const [name, record] of draft.draftedReplicas()) this.#setReplica(name, record);
    this.bytes += draft.bytes;
  }

  #setReplica(name: string, record: ReplicaRecord | undefined): void {
    (this.#replicas ??= new Map()).set(name, record);
  }

  /** What is replaced by who did not know of it is kept whole. */
  #recordReplaced(name: string, before: Field, write: Write): void {
    if (before.kind !== 'plain' || write.base === undefined || this.defined.policyOf(name) !== 'last-write') return;
    const [held] = before.versions;
    if (held.text === undefined || observed(held, write)) return;
    this.#addHistory(held.revision, name, 'replaced', held.by, held.time, `{"value":${held.text}}`);
  }

  #addHistory(
    revision: number,
    field: string | undefined,
    outcome: string,
    by: string,
    time: string,
    operation: string,
  ): void {
    const name = field === undefined ? '' : `,"field":${JSON.stringify(field)}`;
    const stamp = `"outcome":"${outcome}","by":${JSON.stringify(by)},"time":${JSON.stringify(time)}`;
    const text = `{"revision":${String(revision)}${name},${stamp},"operation":${operation}}`;
    this.history.push({ revision, text, replaced: outcome === 'replaced' });
    this.bytes += text.length;
  }

  #check(name: string, field: Field, operation: Operation, at: string): void {
    const schema = this.defined.schemaOf(name);
    // Of a plain field what is written is checked, whether it will hold or wait beside what holds.
    const text = field.kind !== 'plain' ? textOf(field) : operation.type === 'value' ? operation.text : undefined;
    if (schema !== undefined && text !== undefined) {
      const [issue] = this.rules.issues(schema, JSON.parse(text));
      if (issue !== undefined) throw invalid(`${at}${issue.path}`, issue.message);
    }
    if (this.defined.schemaText === undefined) return;
    const trial = new Draft(this, this.rules);
    trial.hold(name, field);
    trial.checkDocument(name, at);
  }

  /** Forgets the oldest deletions, a tenth at a time; the latest of them then stands for every field that is not there. */
  #forget(): void {
    const deleted: (readonly [string, Held])[] = [];
    for (const name of this.names()) {
      const held = this.field(name);
      if (held !== undefined && textOf(held.field) === undefined) deleted.push([name, held]);
    }
    deleted.sort(([, a], [, b]) => a.field.revision - b.field.revision);
    for (const [name, held] of deleted.slice(0, Math.ceil(deleted.length / 10))) {
      this.totals = changed(this.totals, held, undefined);
      this.#drafted.set(name, undefined);
      this.floor = raised(this.floor, { ...lastWrite(held.field), revision: held.field.revision });
    }
  }
}

/** The values of all fields as one object, as JSON text. */
export function documentText(view: View): string {
  const members: string[] = [];
  for (const name of view.names()) {
    const held = view.field(name);
    const text = held && textOf(held.field);
    if (text !== undefined) members.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${members.join(',')}}`;
}

/** The error of a write that was not taken: what is there, and what was to be. */
export function conflict(name: string, field: Field, operation: Operation | undefined, why: string): OrchestratorError {
  const text = textOf(field);
  const current = text === undefined ? null : { value: JSON.parse(text) as unknown, revision: field.revision };
  const yours = operation === undefined ? undefined : (JSON.parse(operationText(operation)) as unknown);
  return new OrchestratorError('conflict', `${name}: ${why}; data.current is what is there`, {
    resource: `field/${name}`,
    current,
    ...(yours === undefined ? {} : { yours }),
  });
}

function full(limit: keyof StateLimits, value: number, what: string): OrchestratorError {
  return new OrchestratorError('limit_exceeded', `state.${limit} is ${String(value)}: ${what}`, {
    limit: `state.${limit}`,
    value,
  });
}
