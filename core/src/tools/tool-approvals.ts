import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, ResultOf, toolMethods } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Clock } from '../host/time.js';
import { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { Call } from '../rpc/call.js';
import { Effects } from '../store/effects.js';
import { definitionDiff } from './definition-diff.js';
import { settled } from './stored-version.js';
import type { PendingDefinition } from './stored-version.js';
import { named, ToolDrafts } from './tool-drafts.js';
import { ToolLimits } from './tool-limits.js';
import { afterCursor, cursorAt } from './tool-pages.js';
import { ToolRecords } from './tool-records.js';
import type { ToolVersion } from './tool-records.js';
import { ToolRegistry } from './tool-registry.js';

type Params<M extends keyof typeof toolMethods> = HandlerParamsOf<(typeof toolMethods)[M]>;
type Result<M extends keyof typeof toolMethods> = ResultOf<(typeof toolMethods)[M]>;

/** A version with what waits. */
interface Waiting {
  readonly version: ToolVersion;
  readonly pending: PendingDefinition;
}

const DEFAULT_LIMIT = 100;

/** Definitions that wait for approval: what they are, what of them is different, and what somebody decides. */
@injectable()
export class ToolApprovals {
  constructor(
    @inject(ToolRegistry) private readonly registry: ToolRegistry,
    @inject(ToolRecords) private readonly records: ToolRecords,
    @inject(Effects) private readonly effects: Effects,
    @inject(Authorizer) private readonly authorizer: Authorizer,
    @inject(Clock) private readonly clock: Clock,
    @inject(ToolLimits) private readonly limits: ToolLimits,
  ) {}

  /** Definitions that wait, or were rejected and are still offered. */
  get size(): number {
    let size = 0;
    for (const { stored } of this.records.all()) if (stored.pending !== undefined) size++;
    return size;
  }

  /** In order of name, then of version. */
  list({ provider, limit = DEFAULT_LIMIT, cursor }: Params<'toolPending'>, call: Call): Result<'toolPending'> {
    const waiting = [...this.records.all()]
      .filter(({ stored }) => provider === undefined || stored.provider === provider)
      .flatMap((version) => this.#waiting(version) ?? [])
      .filter(({ version }) => this.#may(call.principal, version.name))
      .map((each) => ({ ...each, key: `${each.version.name} ${each.version.version}` }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const from = cursor === undefined ? waiting : afterCursor(waiting, cursor, ({ key }) => key);
    const page = from.slice(0, limit);
    const last = page.at(-1);
    const entries = page.map(({ version, pending }) => this.#entry(version, pending));
    return last === undefined || from.length <= limit ? { entries } : { entries, cursor: cursorAt(last.key) };
  }

  /** What is different from what is approved: of this version, or of the newest where this one was never approved. */
  diff({ name, version }: Params<'toolDiff'>, call: Call): Result<'toolDiff'> {
    const { version: found, pending } = this.#find(name, version, call);
    const standing = this.#standing(found);
    const { changes, isCut } = definitionDiff(
      standing?.stored.approved?.definition,
      pending.definition,
      this.limits.differences,
    );
    return {
      ...this.#entry(found, pending),
      ...(standing === undefined ? {} : { approvedName: standing.name, approvedVersion: standing.version }),
      changes: changes.map((change) => ({ ...change })),
      ...(isCut ? { truncated: true } : {}),
    };
  }

  /** @throws OrchestratorError `not_found`, `conflict` when something else waits by now */
  approve(params: Params<'toolApprove'>, call: Call): Promise<Result<'toolApprove'>> {
    return this.#decide(params, call, ({ version, pending }) => {
      const { hash, definition } = pending;
      const before = version.stored.approved?.hash;
      const approved = { hash, definition, at: this.clock.now(), by: call.principal.id };
      return {
        next: { ...settled(version.stored), approved },
        event: new ToolDrafts(call).approved(named(version), hash, before),
      };
    });
  }

  /** @throws OrchestratorError `not_found`, `conflict` when something else waits by now */
  reject(params: Params<'toolReject'>, call: Call): Promise<Result<'toolReject'>> {
    const { reason } = params;
    return this.#decide(params, call, ({ version, pending }) => {
      const rejected = { at: this.clock.now(), by: call.principal.id, ...(reason === undefined ? {} : { reason }) };
      return {
        next: { ...version.stored, pending: { ...pending, rejected } },
        event: new ToolDrafts(call).rejected(named(version), pending.hash, reason),
      };
    });
  }

  #decide(
    params: Params<'toolApprove'>,
    call: Call,
    decided: (waiting: Waiting) => {
      readonly next: ToolVersion['stored'];
      readonly event: ReturnType<ToolDrafts['approved']>;
    },
  ): Promise<{ done: true }> {
    const { name, version, hash } = params;
    return this.effects.perform(call, params, (effect) =>
      this.registry.run(async () => {
        const waiting = this.#find(name, version, call);
        if (waiting.pending.hash !== hash) {
          const detail = `another definition of ${name} ${version} waits by now; look at tool.diff again`;
          throw new OrchestratorError('conflict', detail, { resource: `tool/${name}` });
        }
        const { next, event } = decided(waiting);
        const writes = [{ name, version, next, events: [event] }];
        const done = { done: true } as const;
        this.registry.writes.apply(writes, await effect.commit(this.registry.writes.commitOf(writes), done));
        return done;
      }),
    );
  }

  #find(name: string, version: string, { principal }: Call): Waiting {
    const found = this.records.get(name, version);
    const waiting = found === undefined ? undefined : this.#waiting(found);
    if (waiting !== undefined && this.#may(principal, name)) return waiting;
    throw new OrchestratorError('not_found', `nothing waits of ${name} ${version}`, { resource: `tool/${name}` });
  }

  #waiting(version: ToolVersion): Waiting | undefined {
    const { pending } = version.stored;
    return pending === undefined ? undefined : { version, pending };
  }

  #may(principal: Principal, name: string): boolean {
    return this.authorizer.authorize(principal, 'tool:approve', `tool/${name}`).allowed;
  }

  /** What is approved and so compared with: this version, the newest of the name, or what was offered under another name. */
  #standing(version: ToolVersion): ToolVersion | undefined {
    if (version.stored.approved !== undefined) return version;
    const { replaces = version.name } = version.stored;
    const isApproved = ({ stored }: ToolVersion): boolean => stored.approved !== undefined;
    return this.records.versions(version.name).find(isApproved) ?? this.records.versions(replaces).find(isApproved);
  }

  #entry(version: ToolVersion, { hash, since, why, rejected }: PendingDefinition) {
    const approved = this.#standing(version)?.stored.approved?.hash;
    return {
      name: version.name,
      version: version.version,
      provider: version.stored.provider,
      hash,
      why,
      since: new Date(since).toISOString(),
      ...(approved === undefined ? {} : { approved }),
      ...(rejected === undefined ? {} : { rejected: { ...rejected, at: new Date(rejected.at).toISOString() } }),
    };
  }
}
