import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, Permission, toolMethods } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { VersionRanges } from '../agents/version-ranges.js';
import { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import { Effects } from '../store/effects.js';
import { ToolCatalogue } from './tool-catalogue.js';
import { named, ToolDrafts } from './tool-drafts.js';
import { ToolRecords } from './tool-records.js';
import type { ToolVersion } from './tool-records.js';
import { ToolRegistry } from './tool-registry.js';
import type { VersionWrite } from './version-writes.js';

type Params<M extends keyof typeof toolMethods> = HandlerParamsOf<(typeof toolMethods)[M]>;
interface Done {
  done: true;
}

/** What becomes of versions that are there: who registered them, and who has `tool:admin`, deprecates and removes them. */
@injectable()
export class ToolUpkeep {
  readonly #ranges = new VersionRanges();

  constructor(
    @inject(ToolRegistry) private readonly registry: ToolRegistry,
    @inject(ToolRecords) private readonly records: ToolRecords,
    @inject(ToolCatalogue) private readonly catalogue: ToolCatalogue,
    @inject(Effects) private readonly effects: Effects,
    @inject(Authorizer) private readonly authorizer: Authorizer,
  ) {}

  /** @throws OrchestratorError `not_found`, `permission_denied` */
  deprecate(params: Params<'toolDeprecate'>, call: Call): Promise<Done> {
    const { at, successor } = params;
    const drafts = new ToolDrafts(call);
    const deprecated = successor === undefined ? { at } : { at, successor };
    return this.#change(params, call, (versions) =>
      versions.map((each) => ({
        name: each.name,
        version: each.version,
        next: { ...each.stored, deprecated },
        events: [drafts.deprecated(named(each), at, successor)],
      })),
    );
  }

  /**
   * Deletes versions, for who may approve them: offered again they would be the first of their name, and trusted. For anybody else who
   * keeps them they are withdrawn; what was approved, rejected or waits stays known.
   *
   * @throws OrchestratorError `not_found`, `permission_denied`, `conflict` when its provider offers it and would at once again
   */
  remove(params: Params<'toolRemove'>, call: Call): Promise<Done> {
    const { name } = params;
    const resource = `tool/${name}`;
    const drafts = new ToolDrafts(call);
    const mayForget = this.#may(call.principal, 'tool:approve', name) || this.#may(call.principal, 'tool:admin', name);
    let withdrawn: readonly ToolVersion[] = [];
    const planned = (versions: readonly ToolVersion[]): readonly VersionWrite[] => {
      const offered = versions.filter(({ isOffered }) => isOffered);
      const [fixed] = offered.filter(({ stored }) => !stored.provider.startsWith('agent/'));
      if (fixed !== undefined) {
        const { version, stored } = fixed;
        const detail = `${stored.provider} offers ${name} ${version}; take it away with tools.forbids, or remove the provider`;
        throw new OrchestratorError('conflict', detail, { resource });
      }
      if (mayForget) {
        return versions.map((each) => ({
          name,
          version: each.version,
          next: undefined,
          events: [drafts.removed(named(each))],
        }));
      }
      if (offered.length === 0) {
        const detail = `nobody offers ${name}; only who may approve it can have it forgotten`;
        throw new OrchestratorError('permission_denied', detail, { permission: 'tool:approve', resource });
      }
      withdrawn = offered;
      return offered.map(({ version, stored }) => ({
        name,
        version,
        next: stored,
        events: [drafts.withdrawn(stored.provider, [name], 'who registered it removed it')],
      }));
    };
    return this.#change(params, call, planned, () => {
      for (const each of withdrawn) each.isOffered = false;
    });
  }

  #change(
    params: Params<'toolRemove'>,
    call: Call,
    planned: (versions: readonly ToolVersion[]) => readonly VersionWrite[],
    committed: () => void = () => undefined,
  ): Promise<Done> {
    return this.effects.perform(call, params, (effect) =>
      this.registry.run(async () => {
        const writes = planned(this.#kept(params, call));
        const done = { done: true } as const;
        const revision = await effect.commit(this.registry.writes.commitOf(writes), done);
        committed();
        this.registry.writes.apply(writes, revision);
        return done;
      }),
    );
  }

  /** Versions of a name that the caller keeps. */
  #kept({ name, version }: Params<'toolRemove'>, { principal }: Call): readonly ToolVersion[] {
    const versions = this.records.versions(name);
    const resource = `tool/${name}`;
    const isAdmin = this.#may(principal, 'tool:admin', name);
    const isOwn = versions.every(({ stored }) => stored.registrar === principal.id);
    if (versions.length > 0 && !isAdmin && !isOwn && this.catalogue.find(principal, name) !== undefined) {
      const detail = `${name} is not yours to keep`;
      throw new OrchestratorError('permission_denied', detail, { permission: 'tool:admin', resource });
    }
    const wanted = versions.filter(
      (each) => (isAdmin || isOwn) && (version === undefined || this.#ranges.satisfies(each.version, version)),
    );
    if (wanted.length > 0) return wanted;
    throw new OrchestratorError('not_found', `there is no tool ${name}${version === undefined ? '' : ` ${version}`}`, {
      resource,
    });
  }

  #may(principal: Principal, permission: Permission, name: string): boolean {
    return this.authorizer.authorize(principal, permission, `tool/${name}`).allowed;
  }
}
