import type { Static } from 'typebox';
import type { ParamsOf, ResultOf } from '../method.js';
import type { DaemonMethodName, Methods } from '../methods/index.js';
import type { StateChange as StateChangeSchema } from '../methods/state.js';
import { newKey } from './key.js';
import type { StateOperation } from './replica-operation.js';
import type { Replica } from './replica.js';
import type { Subscription } from './subscription.js';
import { Synchronization } from './synchronization.js';
import type { SynchronizationSurroundings, SynchronizeOptions } from './synchronization.js';

/** Whose document: an agent's, by its id, or a context's. */
export type StateOf = string | { readonly agentId: string } | { readonly contextId: string };
/** A document as it is. */
export type StateDocument = ResultOf<Methods['state.get']>;
/** One write as who watches sees it. */
export type StateChange = Static<typeof StateChangeSchema>;

type Params<M extends DaemonMethodName> = Omit<ParamsOf<Methods[M]>, 'agentId' | 'contextId'>;
type Written = ResultOf<Methods['state.put']>;
/** How a field is written: compared with a revision, or merged from a base. */
export type WriteOptions = Pick<Params<'state.put'>, 'revision' | 'base' | 'idempotencyKey' | 'traceparent'>;
/** A change of several fields or parts of them. */
export type StatePatch = Params<'state.patch'>;
type HistoryOptions = Pick<Params<'state.history'>, 'field'>;
type Writes = ResultOf<Methods['state.history']>;

/** The document of an agent or of a context. Whatever writes has an idempotency key, so that a lost connection writes nothing twice. */
export class State {
  readonly #of: { readonly agentId: string } | { readonly contextId: string };
  readonly #around: SynchronizationSurroundings;

  /** @internal */
  constructor(of: StateOf, around: SynchronizationSurroundings) {
    if (typeof of === 'string') this.#of = { agentId: of };
    else this.#of = 'contextId' in of ? { contextId: of.contextId } : { agentId: of.agentId };
    this.#around = around;
  }

  /** The document, or some of its fields. */
  async get(fields?: string[]): Promise<StateDocument> {
    return (await this.#call('state.get', fields === undefined ? {} : { fields })) as StateDocument;
  }

  /** The values of all fields. */
  async values(): Promise<Record<string, unknown>> {
    const { fields } = await this.get();
    return Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
  }

  /** Writes a field. @throws OrchestratorError `conflict`, with `current` and `yours`; `invalid_params` naming the path */
  async put(field: string, value: unknown, options: WriteOptions = {}): Promise<Written> {
    return this.change(field, { value }, options);
  }

  /** Deletes a field. Errors as {@link State.put}. */
  async delete(field: string, options: WriteOptions = {}): Promise<Written> {
    return this.change(field, { delete: true }, options);
  }

  /** Adds to a counter, puts into a set or takes out of it, sets keys of a map. Errors as {@link State.put}. */
  async change(field: string, operation: StateOperation, options: WriteOptions = {}): Promise<Written> {
    return (await this.#call('state.put', { idempotencyKey: newKey(), ...options, field, ...operation })) as Written;
  }

  /** Changes several fields, or parts of them, whole or not at all. Errors as {@link State.put}. */
  async patch(patch: StatePatch): Promise<ResultOf<Methods['state.patch']>> {
    const patched = await this.#call('state.patch', { idempotencyKey: newKey(), ...patch });
    return patched as ResultOf<Methods['state.patch']>;
  }

  /** Sets schemas and merge rules; what is named replaces what was. */
  async define(definitions: Params<'state.define'>): Promise<ResultOf<Methods['state.define']>> {
    const defined = await this.#call('state.define', { idempotencyKey: newKey(), ...definitions });
    return defined as ResultOf<Methods['state.define']>;
  }

  /** Ends a conflict that was seen at a revision of the field: with a value, or without one. */
  async resolve(field: string, revision: number, value?: unknown): Promise<ResultOf<Methods['state.resolve']>> {
    const wanted = { field, revision, ...(value === undefined ? {} : { value }) };
    const resolved = await this.#call('state.resolve', { idempotencyKey: newKey(), ...wanted });
    return resolved as ResultOf<Methods['state.resolve']>;
  }

  /** The last writes, latest first, page by page. */
  async *history(options: HistoryOptions = {}): AsyncGenerator<Writes['entries'][number], void, void> {
    for (let cursor: string | undefined; ;) {
      const page = (await this.#call('state.history', {
        ...options,
        ...(cursor === undefined ? {} : { cursor }),
      })) as Writes;
      yield* page.entries;
      if (page.cursor === undefined) return;
      ({ cursor } = page);
    }
  }

  /**
   * Follows the writes from now on, over all reconnects: each once and in order.
   *
   * @param after cursor to go on from instead; that of a subscription
   * @throws OrchestratorError `cursor_expired`, here or from the iteration: read the document anew
   */
  async watch(signal?: AbortSignal, after?: string): Promise<Subscription<StateChange>> {
    return this.#around.subscriptions.open<StateChange>({ method: 'state.watch', params: this.#of, after }, signal);
  }

  /** Keeps a replica in step with the document, from now on and over all reconnects, until it is closed. */
  synchronize(replica: Replica, options: SynchronizeOptions = {}): Synchronization {
    return new Synchronization(this.#of, replica, this.#around, options);
  }

  async #call(method: DaemonMethodName, params: object): Promise<unknown> {
    return this.#around.calls.start(method, { ...this.#of, ...params }, { ofWork: true });
  }
}
