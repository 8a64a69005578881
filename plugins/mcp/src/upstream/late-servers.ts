import type { ProgramLine } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { McpServers, UpstreamStatus } from './mcp-servers.js';
import type { ServerConfig } from './server-config.js';
import type { Upstream, UpstreamChange, UpstreamLog } from './upstream.js';

type Listener = (id: string, what: UpstreamChange) => void;

/** The servers, whose code is loaded with the first of them: a daemon without any does not wait for it at its start. */
export class LateServers implements McpServers {
  readonly #listeners = new Set<Listener>();
  readonly #logListeners = new Set<(log: UpstreamLog) => void>();
  #servers: McpServers | undefined;
  #loading: Promise<McpServers> | undefined;

  constructor(private readonly load: () => Promise<McpServers>) {}

  all(): readonly Upstream[] {
    return this.#servers?.all() ?? [];
  }

  get(id: string): Upstream | undefined {
    return this.#servers?.get(id);
  }

  onChanged(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  onLogged(listener: (log: UpstreamLog) => void): () => void {
    this.#logListeners.add(listener);
    return () => void this.#logListeners.delete(listener);
  }

  async add(id: string, config: ServerConfig): Promise<void> {
    await (await this.#loaded()).add(id, config);
  }

  async change(id: string, config: ServerConfig): Promise<void> {
    await this.#present(id).change(id, config);
  }

  async remove(id: string): Promise<void> {
    await this.#present(id).remove(id);
  }

  async restart(id: string): Promise<void> {
    await this.#present(id).restart(id);
  }

  logs(id: string, count: number): readonly ProgramLine[] {
    return this.#present(id).logs(id, count);
  }

  status(): readonly UpstreamStatus[] {
    return this.#servers?.status() ?? [];
  }

  async close(): Promise<void> {
    if (this.#loading !== undefined) await (await this.#loading).close();
  }

  #loaded(): Promise<McpServers> {
    this.#loading ??= this.load().then((servers) => {
      servers.onChanged((id, what) => {
        for (const listener of this.#listeners) listener(id, what);
      });
      servers.onLogged((log) => {
        for (const listener of this.#logListeners) listener(log);
      });
      this.#servers = servers;
      return servers;
    });
    return this.#loading;
  }

  #present(id: string): McpServers {
    if (this.#servers !== undefined) return this.#servers;
    throw new OrchestratorError('not_found', `there is no MCP server "${id}"`, { resource: `mcp/${id}` });
  }
}
