import type { Clock, ProgramLine, ProgramSpec, Random, Secrets, Supervisor, Tools } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { LateAuthorizations } from '../oauth/late-authorizations.js';
import type { OutboundSettings } from '../outbound/outbound-settings.js';
import { ALWAYS_LEGACY } from './era-memory.js';
import type { Link } from './link.js';
import type { McpServers, UpstreamStatus } from './mcp-servers.js';
import { sandboxed } from './sandbox.js';
import { ServerUpstream, type UpstreamSurroundings } from './server-upstream.js';
import {
  isReference,
  serverSettings,
  type ServerConfig,
  type ServerSettings,
  type StopTimes,
} from './server-config.js';
import { StdioLink } from './stdio-link.js';
import type { Upstream, UpstreamChange, UpstreamLog } from './upstream.js';
import { UpstreamTools } from './upstream-tools.js';

/** What the servers need. */
export interface ServersSurroundings extends Omit<UpstreamSurroundings, 'logged'> {
  readonly clock: Clock;
  readonly supervisor: Supervisor;
  readonly tools: Tools;
  readonly secrets: Secrets;
  readonly times: StopTimes;
  /** Where a child runs unless its configuration says. */
  readonly workingDirectory: string;
  readonly random: Random;
  /** Servers at most. */
  readonly servers: number;
  readonly outbound: Required<OutboundSettings>;
  readonly authorizations: LateAuthorizations;
}

interface Server {
  readonly kind: 'stdio' | 'http';
  readonly config: ServerSettings;
  readonly upstream: ServerUpstream;
  readonly tools: UpstreamTools;
  readonly garbage: () => number;
  /** Ends what lets its requests in. */
  readonly release: () => Promise<void>;
}

/** How a server is reached: the shared way of a suffix alone, or that of one caller. */
interface Way {
  readonly link: (suffix: string, caller?: string) => Link;
  readonly release: () => Promise<void>;
}

/** The servers of the configuration, and those added since. */
export class UpstreamServers implements McpServers {
  readonly #servers = new Map<string, Server>();
  /** Names that are taken by what is about to be there, or there already and about to be ready. */
  readonly #opening = new Set<string>();
  readonly #listeners = new Set<(id: string, what: UpstreamChange) => void>();
  readonly #logListeners = new Set<(log: UpstreamLog) => void>();

  constructor(private readonly around: ServersSurroundings) {}

  all(): readonly Upstream[] {
    return [...this.#servers.values()].map(({ upstream }) => upstream);
  }

  get(id: string): Upstream | undefined {
    return this.#servers.get(id)?.upstream;
  }

  onChanged(listener: (id: string, what: UpstreamChange) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onLogged(listener: (log: UpstreamLog) => void): () => void {
    this.#logListeners.add(listener);
    return () => void this.#logListeners.delete(listener);
  }

  async add(id: string, config: ServerConfig): Promise<void> {
    const settings = serverSettings(id, config, this.around.times);
    if (this.#servers.has(id) || this.#opening.has(id))
      throw new OrchestratorError('conflict', `MCP server "${id}" is there already`, { resource: `mcp/${id}` });
    if (new Set([...this.#servers.keys(), ...this.#opening]).size >= this.around.servers) {
      throw new OrchestratorError('limit_exceeded', `there can be ${this.around.servers} MCP servers`, {
        limit: 'plugins.mcp.config.limits.servers',
        max: this.around.servers,
      });
    }
    await this.#opens(id, () => this.#begin(id, settings));
  }

  async change(id: string, config: ServerConfig): Promise<void> {
    const settings = serverSettings(id, config, this.around.times);
    const earlier = this.#find(id);
    await this.#opens(id, async () => {
      await this.#close(id, earlier);
      // Its tokens are of no use elsewhere.
      if (earlier.config.url !== settings.url) await this.#eraseCredentials(id, earlier);
      // It may be another server by now.
      await this.around.memory.forget(id);
      await this.#begin(id, settings);
    });
  }

  async remove(id: string): Promise<void> {
    const server = this.#find(id);
    await this.#close(id, server);
    await this.#eraseCredentials(id, server);
    await this.around.memory.forget(id);
  }

  restart(id: string): Promise<void> {
    return this.#find(id).upstream.restart();
  }

  logs(id: string, count: number): readonly ProgramLine[] {
    return this.#find(id).upstream.logs(count);
  }

  status(): readonly UpstreamStatus[] {
    return [...this.#servers.values()].map(({ upstream, kind, tools, garbage }) => {
      const { id, prefix, state, era, protocolVersion, serverInfo, reason, lastError, restarts, inFlight } = upstream;
      return {
        id,
        kind,
        prefix,
        // Who waits for it to be ready calls its tools next.
        state: state === 'ready' && !tools.offers ? 'connecting' : state,
        ...(era === undefined ? {} : { era }),
        ...(protocolVersion === undefined ? {} : { protocolVersion }),
        ...(typeof serverInfo?.name === 'string' ? { serverName: serverInfo.name } : {}),
        ...(typeof serverInfo?.version === 'string' ? { serverVersion: serverInfo.version } : {}),
        ...(reason === undefined ? {} : { reason }),
        ...(lastError === undefined ? {} : { lastError }),
        restarts,
        inFlight,
        tools: upstream.tools.length,
        prompts: upstream.prompts.length,
        resources: upstream.resources.length,
        garbageLines: garbage(),
        callerInstances: upstream.callerInstances,
        refused: [...upstream.invalidTools, ...tools.refused],
      };
    });
  }

  /** Stops all. */
  async close(): Promise<void> {
    await Promise.all([...this.#servers].map(([id, server]) => this.#close(id, server)));
  }

  /** Keeps the name and its place meanwhile. */
  async #opens(id: string, open: () => Promise<void>): Promise<void> {
    this.#opening.add(id);
    try {
      await open();
    } finally {
      this.#opening.delete(id);
    }
  }

  async #begin(id: string, config: ServerSettings): Promise<void> {
    let garbage = 0;
    const server: Server = {
      kind: config.url === undefined ? 'stdio' : 'http',
      config,
      garbage: () => garbage,
      ...(await this.#upstream(id, config, () => (garbage += 1))),
    };
    this.#servers.set(id, server);
    const tell = (what: UpstreamChange): void => this.#listeners.forEach((listener) => listener(id, what));
    server.upstream.onChanged((what) => {
      server.tools.sync(server.upstream.state === 'ready', server.upstream.reason, () => tell('state'));
      tell(what);
    });
    await server.upstream.start();
  }

  async #upstream(
    id: string,
    config: ServerSettings,
    garbage: () => void,
  ): Promise<Pick<Server, 'upstream' | 'tools' | 'release'>> {
    const way = await this.#way(id, config, garbage);
    try {
      return { ...this.#reached(id, config, way.link), release: way.release };
    } catch (error) {
      await way.release();
      throw error;
    }
  }

  #reached(id: string, config: ServerSettings, link: Way['link']): Pick<Server, 'upstream' | 'tools'> {
    const isOwn = config.instances === 'per-caller';
    const links = {
      shared: link(''),
      ...(isOwn ? { perCaller: (number: number, caller: string) => link(`/${number}`, caller) } : {}),
    };
    const logged = (log: UpstreamLog): void => this.#logListeners.forEach((listener) => listener(log));
    const memory = config.era === 'legacy' ? ALWAYS_LEGACY : this.around.memory;
    const around = { ...this.around, memory, logged };
    const upstream = new ServerUpstream(id, config.prefix, links, around);
    const { prefix, capabilities = [], labels = {}, callTimeoutMs } = config;
    const terms = { prefix, capabilities, labels, callTimeoutMs };
    return { upstream, tools: new UpstreamTools(upstream, terms, this.around.tools, this.around.log) };
  }

  async #way(id: string, config: ServerSettings, garbage: () => void): Promise<Way> {
    const { command, url, headers = {}, restart } = config;
    if (command !== undefined) {
      return {
        link: (suffix) =>
          new StdioLink(() => this.#spec(`mcp/${id}${suffix}`, command, config), { ...this.around, garbage }),
        release: () => Promise.resolve(),
      };
    }
    // A daemon without such servers has no use for an HTTP client.
    const [{ HttpLink }, { StaticCredentials }, { OutboundDoor }, authorizations] = await Promise.all([
      import('./http-link.js'),
      import('./static-credentials.js'),
      import('../outbound/outbound-door.js'),
      this.around.authorizations.get(),
    ]);
    const target = new URL(url ?? '');
    const door = new OutboundDoor(this.around.outbound, target);
    const { authorization: settings = {}, instances } = config;
    const oauth = authorizations.add({ id, url: target, settings, door, perCaller: instances === 'per-caller' });
    return {
      link: (_, caller) => {
        const credentials = new StaticCredentials(headers, this.around.secrets, oauth.of(caller));
        return new HttpLink(target, credentials, restart, this.around);
      },
      async release() {
        // A renewal that is under way goes through the door.
        await oauth.close().finally(() => door.close());
      },
    };
  }

  async #eraseCredentials(id: string, { kind, config }: Server): Promise<void> {
    if (kind === 'http') await (await this.around.authorizations.get()).erase(id, config.authorization);
  }

  async #spec(name: string, command: string, config: ServerSettings): Promise<ProgramSpec> {
    const env: Record<string, string> = {};
    for (const [variable, value] of Object.entries<string>(config.env ?? {})) {
      env[variable] = isReference(value) ? await this.around.secrets.read(value) : value;
    }
    const workingDirectory = config.workingDirectory ?? this.around.workingDirectory;
    const plain = { command, args: config.args ?? [] };
    const { sandbox } = config;
    return {
      name,
      ...(sandbox === undefined ? plain : sandboxed(plain, sandbox, workingDirectory)),
      env,
      workingDirectory,
      stdio: 'pipe',
      restart: config.restart,
      closeTimeoutMs: config.closeTimeoutMs,
      stopTimeoutMs: config.stopTimeoutMs,
    };
  }

  async #close(id: string, { upstream, tools, release }: Server): Promise<void> {
    this.#servers.delete(id);
    try {
      await upstream.stop();
    } finally {
      await release().finally(() => tools.close());
    }
  }

  #find(id: string): Server {
    const server = this.#servers.get(id);
    if (server === undefined)
      throw new OrchestratorError('not_found', `there is no MCP server "${id}"`, { resource: `mcp/${id}` });
    return server;
  }
}
