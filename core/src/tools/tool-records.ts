import { late } from '../host/late.js';
import type { StoredVersion } from './stored-version.js';
import type { ToolProvider, VisibleTool } from './tools.js';

/** One version of a tool in memory. */
export class ToolVersion {
  /** Whether its provider offers this version now, in whatever form. */
  isOffered = false;
  #visible: VisibleTool | undefined;

  constructor(
    readonly name: string,
    readonly version: string,
    public stored: StoredVersion,
    /** Revision of its entry in the store. */
    public revision: number,
  ) {}

  /** As who may use it sees it; the same object as long as nothing of it changes. */
  get visible(): VisibleTool | undefined {
    const { approved, deprecated, provider } = this.stored;
    if (approved === undefined) return undefined;
    return (this.#visible ??= {
      definition: approved.definition,
      hash: approved.hash,
      provider,
      ...(deprecated === undefined ? {} : { deprecated }),
    });
  }

  update(stored: StoredVersion, revision: number): void {
    this.stored = stored;
    this.revision = revision;
    this.#visible = undefined;
  }
}

/** A provider that is there. */
export interface Shelf {
  readonly provider: ToolProvider;
  isAvailable: boolean;
  /** Why it is not. */
  reason?: string;
}

/** All versions of one name, the newest first, those before a release after all releases. */
type Versions = readonly ToolVersion[];

/** What is known of tools, in memory: versions, and which providers are there. Only the registry changes it, and says so. */
export class ToolRecords {
  readonly shelves = new Map<string, Shelf>();
  readonly #names = new Map<string, Versions>();
  readonly #perProvider = new Map<string, Set<ToolVersion>>();
  readonly #listeners = new Set<() => void>();
  #sorted: readonly string[] | undefined;
  #live: ReadonlyMap<string, readonly VisibleTool[]> | undefined;
  #revision = 1;

  get revision(): number {
    return this.#revision;
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** To be called after each change, once. */
  changed(): void {
    this.#revision++;
    this.#live = undefined;
    this.tell();
  }

  /** Tells the listeners: what somebody sees of it may have changed. */
  tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** The newest first. */
  versions(name: string): Versions {
    return this.#names.get(name) ?? [];
  }

  get(name: string, version: string): ToolVersion | undefined {
    return this.versions(name).find((each) => each.version === version);
  }

  of(provider: string): ReadonlySet<ToolVersion> {
    return this.#perProvider.get(provider) ?? new Set();
  }

  /** Ids of those that are there, or of which versions are remembered. */
  providers(): readonly string[] {
    return [...new Set([...this.shelves.keys(), ...this.#perProvider.keys()])];
  }

  /** All versions, by name. */
  *all(): Iterable<ToolVersion> {
    for (const name of this.#inOrder()) yield* this.versions(name);
  }

  put(name: string, version: string, stored: StoredVersion, revision: number): ToolVersion {
    const known = this.get(name, version);
    if (known !== undefined) {
      known.update(stored, revision);
      return known;
    }
    const made = new ToolVersion(name, version, stored, revision);
    if (!this.#names.has(name)) this.#sorted = undefined;
    this.#names.set(name, [...this.versions(name), made].sort(newestFirst));
    const own = this.#perProvider.get(stored.provider);
    if (own === undefined) this.#perProvider.set(stored.provider, new Set([made]));
    else own.add(made);
    return made;
  }

  delete(version: ToolVersion): void {
    const left = this.versions(version.name).filter((each) => each !== version);
    if (left.length > 0) this.#names.set(version.name, left);
    else {
      this.#names.delete(version.name);
      this.#sorted = undefined;
    }
    const own = this.#perProvider.get(version.stored.provider);
    own?.delete(version);
    if (own?.size === 0) this.#perProvider.delete(version.stored.provider);
  }

  /**
   * What can be called now, by name, the newest version of each first. Where a provider offers only what nobody has approved, the newest
   * that was approved stands for it.
   */
  live(): ReadonlyMap<string, readonly VisibleTool[]> {
    if (this.#live !== undefined) return this.#live;
    const live = new Map<string, readonly VisibleTool[]>();
    for (const name of this.#inOrder()) {
      const versions = this.versions(name);
      const [first] = versions;
      if (first === undefined || this.shelves.get(first.stored.provider)?.isAvailable !== true) continue;
      const offered = versions.filter(({ isOffered }) => isOffered);
      const approved = offered.flatMap(({ visible }) => visible ?? []);
      const stand = offered.length === 0 ? [] : versions.flatMap(({ visible }) => visible ?? []).slice(0, 1);
      const usable = approved.length > 0 ? approved : stand;
      if (usable.length > 0) live.set(name, usable);
    }
    return (this.#live = live);
  }

  #inOrder(): readonly string[] {
    return (this.#sorted ??= [...this.#names.keys()].sort());
  }
}

function newestFirst(a: ToolVersion, b: ToolVersion): number {
  const { prerelease, rcompare } = late.semver();
  const [earlyA, earlyB] = [prerelease(a.version) !== null, prerelease(b.version) !== null];
  return earlyA === earlyB ? rcompare(a.version, b.version) : earlyA ? 1 : -1;
}
