import { OrchestratorError } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { VersionRanges } from '../agents/version-ranges.js';
import { late } from '../host/late.js';
import type { Principal } from '../permissions/principal.js';
import { definitionHash } from './definition-hash.js';
import { fitsAny } from './glob.js';
import { ToolAccess } from './tool-access.js';
import type { RefusedDefinition, ToolDefinition, ToolProvider, ToolProviderHandle, VisibleTool } from './tools.js';

interface Shelf {
  readonly provider: ToolProvider;
  available: boolean;
  /** By name, the newest version of each first. */
  tools: ReadonlyMap<string, readonly VisibleTool[]>;
}

const SEARCH_LIMIT = 20;

/** Which tools there are, of whom, and who may see which. */
@injectable()
export class ToolCatalogue {
  readonly #shelves = new Map<string, Shelf>();
  readonly #ranges = new VersionRanges();
  readonly #listeners = new Set<() => void>();
  #revision = 1;

  constructor(@inject(ToolAccess) private readonly access: ToolAccess) {
    access.onChanged(() => this.#changed());
  }

  get revision(): number {
    return this.#revision;
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Whether there is a provider, available or not. */
  has(id: string): boolean {
    return this.#shelves.has(id);
  }

  /** All providers, and how many names of tools each has. */
  providers(): { readonly id: string; readonly available: boolean; readonly tools: number }[] {
    return [...this.#shelves].map(([id, { available, tools }]) => ({ id, available, tools: tools.size }));
  }

  /** A provider that is there and available. */
  provider(id: string): ToolProvider | undefined {
    const shelf = this.#shelves.get(id);
    return shelf?.available === true ? shelf.provider : undefined;
  }

  /** @throws OrchestratorError `conflict` when a provider with this id is there */
  addProvider(provider: ToolProvider): ToolProviderHandle {
    const { id } = provider;
    if (this.#shelves.has(id)) {
      throw new OrchestratorError('conflict', `there is a provider ${id} already`, { resource: `provider/${id}` });
    }
    const shelf: Shelf = { provider, available: true, tools: new Map() };
    this.#shelves.set(id, shelf);
    return {
      set: (definitions) => Promise.resolve(this.#set(shelf, definitions)),
      available: (yes) => {
        shelf.available = yes;
        this.#changed();
      },
      close: () => {
        this.#shelves.delete(id);
        this.#changed();
        return Promise.resolve();
      },
    };
  }

  /** The newest version of each tool that the principal may see, by name. */
  visible(principal: Principal, set?: string): readonly VisibleTool[] {
    const inSet = this.#filter(principal, set);
    return this.#all()
      .flatMap(([, versions]) => versions.slice(0, 1))
      .filter((tool) => inSet(tool) && this.access.of(principal, tool).see)
      .sort((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
  }

  /** One tool that the principal may see, the newest version in the range. */
  find(
    principal: Principal,
    name: string,
    { version, set }: { readonly version?: string; readonly set?: string } = {},
  ): VisibleTool | undefined {
    const versions = this.#all().find(([known]) => known === name)?.[1] ?? [];
    const tool = versions.find(
      ({ definition }) => version === undefined || this.#ranges.satisfies(definition.version, version),
    );
    const isThere = tool !== undefined && this.#filter(principal, set)(tool) && this.access.of(principal, tool).see;
    return isThere ? tool : undefined;
  }

  search(
    principal: Principal,
    query: string,
    { set, limit = SEARCH_LIMIT }: { readonly set?: string; readonly limit?: number } = {},
  ): readonly VisibleTool[] {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return this.visible(principal, set)
      .filter(({ definition: { name, title = '', description = '' } }) => {
        const text = `${name} ${title} ${description}`.toLowerCase();
        return words.every((word) => text.includes(word));
      })
      .slice(0, limit);
  }

  #filter(principal: Principal, set: string | undefined): (tool: VisibleTool) => boolean {
    if (set === undefined) return () => true;
    const found = this.access.set(principal, set);
    return found === undefined ? () => false : ({ definition: { name } }) => fitsAny(found.tools, name);
  }

  #all(): (readonly [string, readonly VisibleTool[]])[] {
    return [...this.#shelves.values()].filter(({ available }) => available).flatMap(({ tools }) => [...tools]);
  }

  #set(shelf: Shelf, definitions: readonly ToolDefinition[]): readonly RefusedDefinition[] {
    const refused: RefusedDefinition[] = [];
    const tools = new Map<string, VisibleTool[]>();
    for (const definition of definitions) {
      const { name, version } = definition;
      const other = [...this.#shelves.values()].find((each) => each !== shelf && each.tools.has(name));
      if (other !== undefined) {
        const reason = `the name belongs to ${other.provider.id}; give one of both a prefix`;
        refused.push({ name, version, reason });
        continue;
      }
      const tool = { definition, hash: definitionHash(definition), provider: shelf.provider.id };
      tools.set(name, [...(tools.get(name) ?? []), tool]);
    }
    const { rcompare } = late.semver();
    for (const versions of tools.values())
      versions.sort((a, b) => rcompare(a.definition.version, b.definition.version));
    shelf.tools = tools;
    this.#changed();
    return refused;
  }

  #changed(): void {
    this.#revision++;
    for (const listener of this.#listeners) listener();
  }
}
