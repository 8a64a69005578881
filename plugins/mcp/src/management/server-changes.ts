import { createHash } from 'node:crypto';
import { canonicalJson } from '@ai-orchestrator/core/plugin';
import type { Call, Clock, Effect, Effects, EventDraft } from '@ai-orchestrator/core/plugin';
import { events, OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, mcpMethods, ResultOf } from '@ai-orchestrator/protocol';
import type { ServerConfig } from '../upstream/server-config.js';
import { checkedConfig, type CheckedAgainst } from './checked-config.js';
import type { GivenConfig } from './given-config.js';
import { importPlan, type ImportPlan } from './import-plan.js';
import type { ManagedServers } from './managed-servers.js';
import { record } from './record.js';
import { serverRecord, type ServerRecord } from './server-views.js';
import { together } from './stored-servers.js';

type Params<M extends keyof typeof mcpMethods> = (typeof mcpMethods)[M] extends infer D ? HandlerParamsOf<D> : never;
type Imported = ResultOf<typeof mcpMethods.mcpImport>;

/** What changes need. */
export interface ChangesNeeds extends CheckedAgainst {
  readonly effects: Effects;
  readonly clock: Clock;
  /** Servers at most. */
  readonly limit: number;
}

/** Adds, changes, removes and imports servers; each change is one commit together with its journal records. */
export class ServerChanges {
  /** Changes are made one after the other, so that each is decided on what is. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly servers: ManagedServers,
    private readonly needs: ChangesNeeds,
  ) {}

  add(params: Params<'mcpAdd'>, call: Call): Promise<ServerRecord> {
    return this.#perform(params, call, async (effect) => {
      const { name, server } = params;
      if (this.servers.all().has(name)) {
        throw new OrchestratorError(
          'conflict',
          `MCP server "${name}" is there already; mcp.change gives it another configuration`,
          {
            resource: `mcp/${name}`,
          },
        );
      }
      this.#mustHaveRoom(1);
      return this.#keepOne(effect, name, await this.#checked(name, server), call);
    });
  }

  change(params: Params<'mcpChange'>, call: Call): Promise<ServerRecord> {
    return this.#perform(params, call, async (effect) => {
      const { name, server } = params;
      this.#mustBeStored(name, 'change');
      return this.#keepOne(effect, name, await this.#checked(name, server), call);
    });
  }

  remove(params: Params<'mcpRemove'>, call: Call): Promise<{ done: true }> {
    return this.#perform(params, call, async (effect) => {
      const { name } = params;
      this.#mustBeStored(name, 'remove');
      const answer = { done: true as const };
      const event = record(events.mcpRemoved.name, `mcp/${name}`, { server: name }, call);
      const revision = await effect.commit(this.servers.stored.change(name, undefined, event), answer);
      this.servers.stored.changed(name, undefined, revision);
      this.servers.end(name);
      return answer;
    });
  }

  /** Without a digest only shows what would be done; with it does that, if it is still the same. */
  async import(params: Params<'mcpImport'>, call: Call): Promise<Imported> {
    if (params.confirm === undefined) {
      const { entries, digest } = await this.#planned(params);
      return { entries: [...entries], digest, done: false };
    }
    return this.#perform(params, call, async (effect) => {
      const { entries, digest, servers } = await this.#planned(params);
      if (digest !== params.confirm) {
        const detail = 'what would be run is not what was shown; look at it again';
        throw new OrchestratorError('conflict', detail, { resource: 'mcp', digest });
      }
      const answer: Imported = { entries: [...entries], digest, done: true };
      const names = [...servers.keys()];
      if (names.length === 0) return answer;
      this.#mustHaveRoom(names.filter((name) => this.servers.stored.get(name) === undefined).length);
      const imported = record(events.mcpImported.name, 'mcp', { servers: names, digest }, call);
      await this.#keep(effect, [...servers], call, answer, [imported]);
      return answer;
    });
  }

  #planned({ document, only }: Params<'mcpImport'>): Promise<ImportPlan> {
    const present = {
      isConfigured: (name: string) => this.servers.isConfigured(name),
      stored: (name: string) => this.servers.stored.get(name)?.config,
    };
    return importPlan(document, only, present, this.needs);
  }

  async #keepOne(effect: Effect, name: string, config: ServerConfig, call: Call): Promise<ServerRecord> {
    const answer = serverRecord(name, { source: 'method', config }, undefined, undefined);
    await this.#keep(effect, [[name, config]], call, answer);
    return answer;
  }

  async #keep(
    effect: Effect,
    servers: readonly (readonly [string, ServerConfig])[],
    call: Call,
    answer: unknown,
    also: readonly EventDraft[] = [],
  ): Promise<void> {
    const { stored } = this.servers;
    const kept = servers.map(([name, config]) => {
      const earlier = stored.get(name);
      const server = { addedAt: this.needs.clock.now(), addedBy: call.principal.id, ...earlier, config };
      const { name: action } = earlier === undefined ? events.mcpAdded : events.mcpChanged;
      const event = record(action, `mcp/${name}`, { server: name, configHash: hashOf(config) }, call);
      return { name, isNew: earlier === undefined, server, commit: stored.change(name, server, event) };
    });
    const revision = await effect.commit(together([...kept.map(({ commit }) => commit), { events: also }]), answer);
    for (const { name, isNew, server } of kept) {
      stored.changed(name, server, revision);
      if (isNew) this.servers.run(name);
      else this.servers.rerun(name);
    }
  }

  async #checked(name: string, given: GivenConfig): Promise<ServerConfig> {
    const { config, reasons } = await checkedConfig(name, given, this.needs);
    if (config !== undefined) return config;
    throw new OrchestratorError('invalid_params', reasons.join('; '), {
      issues: reasons.map((message) => ({ path: '/server', message })),
    });
  }

  #mustBeStored(name: string, change: string): void {
    if (this.servers.find(name).source === 'method') return;
    const where = `plugins.mcp.config.servers.${name}`;
    throw new OrchestratorError(
      'conflict',
      `MCP server "${name}" is in the configuration file (${where}): ${change} it there, then reload the daemon`,
      { resource: `mcp/${name}` },
    );
  }

  #mustHaveRoom(more: number): void {
    const { limit } = this.needs;
    if (this.servers.all().size + more <= limit) return;
    throw new OrchestratorError('limit_exceeded', `there can be ${String(limit)} MCP servers; remove one`, {
      limit: 'plugins.mcp.config.limits.servers',
      max: limit,
    });
  }

  #perform<T>(
    params: { readonly idempotencyKey?: string | undefined },
    call: Call,
    change: (effect: Effect) => Promise<T>,
  ): Promise<T> {
    const result = this.#turn.then(() => this.needs.effects.perform(call, params, change));
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

function hashOf(config: ServerConfig): string {
  return createHash('sha256').update(canonicalJson(config)).digest('hex');
}
