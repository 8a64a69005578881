import { OrchestratorError } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Clock } from '../host/time.js';
import { DAEMON } from '../permissions/principal.js';
import { Journal } from '../store/journal.js';
import { KeyedQueue } from '../store/keyed-queue.js';
import type { EventDraft } from '../store/record.js';
import { Store } from '../store/store.js';
import type { Commit } from '../store/store.js';
import { DefinitionCheck } from './definition-check.js';
import { VERSION_RANGE, versionIn } from './stored-version.js';
import type { StoredVersion } from './stored-version.js';
import { ToolAccess } from './tool-access.js';
import { ToolDrafts } from './tool-drafts.js';
import { ToolLimits } from './tool-limits.js';
import { Renames } from './renames.js';
import { sortOffer, type Refused } from './offer.js';
import { planDefinition, planWithdrawal } from './tool-plan.js';
import type { Registrar, Trust } from './tool-plan.js';
import { ToolRecords } from './tool-records.js';
import type { Shelf, ToolVersion } from './tool-records.js';
import type { ToolDefinition, ToolProvider, ToolProviderHandle } from './tools.js';
import { VersionWrites, type VersionWrite } from './version-writes.js';

/** What became of the definitions that were offered; names. */
export interface Taken {
  readonly approved: readonly string[];
  readonly pending: readonly string[];
  readonly refused: readonly Refused[];
}

const SELF: Registrar = { principal: DAEMON.id, drafts: new ToolDrafts(), mayApprove: () => false };

/**
 * Which providers there are, and what they offer. Changes happen one after another; each is committed with its records, and memory
 * follows the commit.
 */
@injectable()
export class ToolRegistry {
  /** How versions get to the store, for whoever changes them in a turn of {@link run}. */
  readonly writes: VersionWrites;
  readonly #queue: KeyedQueue;
  readonly #check: DefinitionCheck;
  /** Providers whose tools were recorded as withdrawn. */
  readonly #withdrawn = new WeakSet<Shelf>();
  /** Told what went wrong where nobody waits for it. */
  onError: (error: unknown) => void = () => undefined;

  constructor(
    @inject(Store) private readonly store: Store,
    @inject(Journal) private readonly journal: Journal,
    @inject(Clock) private readonly clock: Clock,
    @inject(ToolRecords) private readonly records: ToolRecords,
    @inject(ToolAccess) private readonly access: ToolAccess,
    @inject(ToolLimits) private readonly limits: ToolLimits,
  ) {
    this.writes = new VersionWrites(store, records);
    this.#queue = new KeyedQueue(limits.waitingChanges);
    this.#check = new DefinitionCheck(limits);
  }

  /** Reads what the store knows: approvals outlive providers and restarts. */
  async start(): Promise<void> {
    for (let from: string | undefined = VERSION_RANGE.from; from !== undefined;) {
      const page = await this.store.range({ from, to: VERSION_RANGE.to, limit: 1000 });
      for (const { key, value, revision } of page.entries) {
        const { name, version } = versionIn(key);
        this.records.put(name, version, value as unknown as StoredVersion, revision);
      }
      from = page.next;
    }
    this.records.changed();
  }

  /** @throws OrchestratorError `conflict` when a provider with this id is there, `limit_exceeded` */
  addProvider(provider: ToolProvider): ToolProviderHandle {
    const { id } = provider;
    const { shelves } = this.records;
    if (shelves.has(id)) {
      throw new OrchestratorError('conflict', `there is a provider ${id} already`, { resource: `provider/${id}` });
    }
    if (shelves.size >= this.limits.providers) {
      const limit = 'tools.providers';
      throw new OrchestratorError('limit_exceeded', `${limit} is ${String(this.limits.providers)}`, { limit });
    }
    const shelf: Shelf = { provider, isAvailable: true };
    shelves.set(id, shelf);
    return {
      set: async (definitions) => {
        const { refused } = await this.set(shelf, definitions, SELF);
        return refused.map(({ name, version, reason }) => ({ name, version, reason }));
      },
      available: (yes, reason) => {
        this.available(shelf, yes, reason);
      },
      close: async () => {
        if (shelves.get(id) !== shelf) return;
        shelves.delete(id);
        for (const version of this.records.of(id)) version.isOffered = false;
        this.records.changed();
        // A change that is under way ends first.
        await this.run(() => Promise.resolve());
      },
    };
  }

  /** The shelf of a provider that is there. */
  shelf(provider: string): Shelf | undefined {
    return this.records.shelves.get(provider);
  }

  /** Runs a change once those before it are done. @throws OrchestratorError `too_many_pending` */
  run<T>(change: () => Promise<T>): Promise<T> {
    return this.#queue.run('tools', change);
  }

  /** Replaces what a provider offers. */
  async set(shelf: Shelf, definitions: readonly ToolDefinition[], registrar: Registrar): Promise<Taken>;
  /** @param commit commits everything at once in another way, and answers something else */
  async set<T>(
    shelf: Shelf,
    definitions: readonly ToolDefinition[],
    registrar: Registrar,
    commit: (commit: Commit, taken: Taken) => readonly [Promise<number>, T],
  ): Promise<T>;
  async set<T>(
    shelf: Shelf,
    definitions: readonly ToolDefinition[],
    registrar: Registrar,
    commit?: (commit: Commit, taken: Taken) => readonly [Promise<number>, T],
  ): Promise<Taken | T> {
    return this.run(async () => {
      const { id } = shelf.provider;
      const { wanted, refused } = sortOffer(shelf.provider, definitions, this.records, this.#check, this.limits);
      const writes = this.#planned(shelf.provider, wanted, registrar);
      const lost = this.#lost(id, wanted);
      const events =
        lost.length === 0 ? [] : [registrar.drafts.withdrawn(id, lost, 'its provider offers them no longer')];
      const taken = { ...this.#standing(wanted, writes), refused };
      let answer: Taken | T = taken;
      if (commit === undefined) await this.writes.commitInParts(writes, events);
      else {
        const [committed, answered] = commit(this.writes.commitOf(writes, events), taken);
        this.writes.apply(writes, await committed);
        answer = answered;
      }
      // It may have gone while the commit was on its way.
      const isHere = this.records.shelves.get(id) === shelf;
      const offered = new Set(wanted.map(({ name, version }) => `${name} ${version}`));
      for (const each of this.records.of(id)) each.isOffered = isHere && offered.has(`${each.name} ${each.version}`);
      this.records.changed();
      return answer;
    });
  }

  /** Tools of a provider that is not available are in no listing. */
  available(shelf: Shelf, yes: boolean, reason = 'its provider cannot be reached'): void {
    if (shelf.isAvailable === yes) return;
    const { id } = shelf.provider;
    const before = this.#liveNames(id);
    shelf.isAvailable = yes;
    if (yes) delete shelf.reason;
    else shelf.reason = reason;
    this.records.changed();
    const drafts = new ToolDrafts();
    if (!yes && before.length > 0) {
      this.#withdrawn.add(shelf);
      this.#record(drafts.withdrawn(id, before, reason));
    } else if (yes && this.#withdrawn.delete(shelf)) {
      this.#record(drafts.returned(id, this.#liveNames(id).length));
    }
  }

  #planned(
    { id, isShared = false }: ToolProvider,
    wanted: readonly ToolDefinition[],
    registrar: Registrar,
  ): readonly VersionWrite[] {
    const names = new Set(wanted.map(({ name }) => name));
    const renames = new Renames(this.records.of(id), names, isShared);
    const trust: Trust = {
      firstUse: this.access.approval(id).new === 'first-use',
      now: this.clock.now(),
      replaced: (definition) => renames.replaced(definition),
    };
    const offered = new Set<ToolVersion>();
    const writes = wanted.flatMap((definition): VersionWrite[] => {
      const { name, version } = definition;
      const known = this.records.get(name, version);
      if (known !== undefined) offered.add(known);
      const { next, events } = planDefinition(definition, id, known, this.records.versions(name), registrar, trust);
      return next === undefined ? [] : [{ name, version, next, events }];
    });
    for (const each of this.records.of(id)) {
      const left = offered.has(each) ? undefined : planWithdrawal(each);
      if (left === undefined) continue;
      writes.push({ name: each.name, version: each.version, next: left === 'gone' ? undefined : left, events: [] });
    }
    return writes;
  }

  /** Names that can be called as they were offered, and those that wait in a version at least. */
  #standing(
    wanted: readonly ToolDefinition[],
    writes: readonly VersionWrite[],
  ): { readonly approved: readonly string[]; readonly pending: readonly string[] } {
    const next = new Map(writes.map((write) => [`${write.name} ${write.version}`, write.next]));
    const pending = new Set<string>();
    for (const { name, version } of wanted) {
      const stored = next.get(`${name} ${version}`) ?? this.records.get(name, version)?.stored;
      if (stored?.pending !== undefined) pending.add(name);
    }
    const names = [...new Set(wanted.map(({ name }) => name))].sort();
    return { approved: names.filter((name) => !pending.has(name)), pending: [...pending].sort() };
  }

  /** Names that a provider offered and offers no longer, in any version. */
  #lost(id: string, wanted: readonly ToolDefinition[]): readonly string[] {
    const names = new Set(wanted.map(({ name }) => name));
    return this.#liveNames(id).filter((name) => !names.has(name));
  }

  #liveNames(id: string): readonly string[] {
    const live = this.records.live();
    const names = new Set([...this.records.of(id)].map(({ name }) => name));
    return [...names].filter((name) => live.has(name)).sort();
  }

  #record(draft: EventDraft): void {
    this.journal.append([draft]).catch((error: unknown) => {
      this.onError(error);
    });
  }
}
