import { LRUCache } from 'lru-cache';
import { inject, injectable } from 'tsyringe';
import { VersionRanges } from '../agents/version-ranges.js';
import type { Principal } from '../permissions/principal.js';
import { fitsAny } from './glob.js';
import { keyOf } from './principal-key.js';
import { ToolAccess } from './tool-access.js';
import { ToolLimits } from './tool-limits.js';
import { ToolRecords } from './tool-records.js';
import { ToolSearch } from './tool-search.js';
import type { ToolProvider, VisibleTool } from './tools.js';

/** What one principal sees. */
interface View {
  readonly principalId: string;
  readonly revision: number;
  /** The newest of each name, by name. */
  readonly tools: readonly VisibleTool[];
  /** The newest first. */
  readonly versions: ReadonlyMap<string, readonly VisibleTool[]>;
}

const NOTHING: readonly VisibleTool[] = [];
const SEARCH_LIMIT = 20;

/** Which tools there are for whom; answered from memory while nothing changes. */
@injectable()
export class ToolCatalogue {
  readonly #ranges = new VersionRanges();
  readonly #search = new ToolSearch();
  readonly #views: LRUCache<string, View>;
  /** How often the answers for one principal changed. */
  #changes = 0;

  constructor(
    @inject(ToolRecords) private readonly records: ToolRecords,
    @inject(ToolAccess) private readonly access: ToolAccess,
    @inject(ToolLimits) limits: ToolLimits,
  ) {
    this.#views = new LRUCache({ max: limits.views });
    // Lives as long as the access rules.
    access.onChanged((principalId) => {
      if (principalId === undefined) this.records.changed();
      else this.#changedFor(principalId);
    });
  }

  get revision(): number {
    return this.records.revision + this.#changes;
  }

  onChanged(listener: () => void): () => void {
    return this.records.onChanged(listener);
  }

  /** Whether a provider is there, available or not. */
  has(id: string): boolean {
    return this.records.shelves.has(id);
  }

  /** All providers, and how many names of tools each offers. */
  providers(): { readonly id: string; readonly available: boolean; readonly tools: number }[] {
    return [...this.records.shelves].map(([id, { isAvailable: available }]) => {
      const offered = [...this.records.of(id)].filter(({ isOffered }) => isOffered);
      return { id, available, tools: new Set(offered.map(({ name }) => name)).size };
    });
  }

  /** A provider that is there and available. */
  provider(id: string): ToolProvider | undefined {
    const shelf = this.records.shelves.get(id);
    return shelf?.isAvailable === true ? shelf.provider : undefined;
  }

  /** The newest version of each tool that the principal may see, by name. */
  visible(principal: Principal, set?: string): readonly VisibleTool[] {
    return this.#view(principal, set)?.tools ?? NOTHING;
  }

  /** The versions of one tool that the principal may see, the newest first. */
  versions(principal: Principal, name: string, set?: string): readonly VisibleTool[] {
    return this.#view(principal, set)?.versions.get(name) ?? NOTHING;
  }

  /** One tool that the principal may see, the newest version in the range. */
  find(
    principal: Principal,
    name: string,
    { version, set }: { readonly version?: string | undefined; readonly set?: string | undefined } = {},
  ): VisibleTool | undefined {
    const versions = this.versions(principal, name, set);
    if (version === undefined) return versions[0];
    return versions.find(({ definition }) => this.#ranges.satisfies(definition.version, version));
  }

  /** Those that fit best first. */
  search(
    principal: Principal,
    query: string,
    { set, limit = SEARCH_LIMIT }: { readonly set?: string; readonly limit?: number } = {},
  ): readonly VisibleTool[] {
    return this.#search.best(this.visible(principal, set), query, limit);
  }

  #changedFor(principalId: string): void {
    this.#changes++;
    for (const [key, view] of [...this.#views.entries()]) if (view.principalId === principalId) this.#views.delete(key);
    this.records.tell();
  }

  #view(principal: Principal, set: string | undefined): View | undefined {
    // Asked each time, because credentials expire.
    if (!this.access.admits(principal)) return undefined;
    const key = `${set ?? ''} ${keyOf(principal)}`;
    const { revision } = this.records;
    const known = this.#views.get(key);
    if (known?.revision === revision) return known;
    const view = this.#make(principal, set, revision);
    this.#views.set(key, view);
    return view;
  }

  #make(principal: Principal, set: string | undefined, revision: number): View {
    const patterns = set === undefined ? undefined : (this.access.set(principal, set)?.tools ?? []);
    const versions = new Map<string, readonly VisibleTool[]>();
    for (const [name, live] of this.records.live()) {
      if (!fitsAny(patterns, name)) continue;
      const seen = live.filter((tool) => this.access.of(principal, tool).see);
      if (seen.length > 0) versions.set(name, seen);
    }
    return {
      principalId: principal.id,
      revision,
      versions,
      tools: [...versions.values()].flatMap((each) => each.slice(0, 1)),
    };
  }
}
