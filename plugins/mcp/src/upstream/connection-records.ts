import type { Log, PluginHost } from '@ai-orchestrator/core/plugin';
import { events } from '@ai-orchestrator/protocol';
import type { McpServers } from './mcp-servers.js';

/** Appends an event to the journal. */
export type Emit = PluginHost<
  unknown,
  Readonly<Record<never, never>>,
  {
    connected: typeof events.mcpConnected;
    disconnected: typeof events.mcpDisconnected;
    failed: typeof events.mcpFailed;
  }
>['emit'];

const REASON_CHARACTERS = 500;

/** Journals which servers come and go, and what is spoken with them. */
export class ConnectionRecords {
  readonly #connected = new Set<string>();

  constructor(
    private readonly servers: McpServers,
    private readonly emit: Emit,
    private readonly log: Log,
  ) {}

  /** The state of a server changed. */
  changed(server: string): void {
    this.#record(server).catch((error: unknown) => this.log.error({ err: error, server }, 'a change was not recorded'));
  }

  async #record(server: string): Promise<void> {
    const status = this.servers.status().find(({ id }) => id === server);
    const resource = `mcp/${server}`;
    if (status?.state === 'ready') {
      this.#connected.add(server);
      const { kind, era = 'legacy', protocolVersion = '', restarts } = status;
      this.log.info({ server, era, protocolVersion }, 'an MCP server is connected');
      await this.emit(events.mcpConnected, { server, transport: kind, era, protocolVersion, restarts }, { resource });
      return;
    }
    // What it printed is in further lines; the journal holds no contents.
    const why = (status?.reason ?? status?.lastError)?.split('\n', 1)[0]?.slice(0, REASON_CHARACTERS);
    const details = { server, ...(why === undefined ? {} : { reason: why }) };
    if (status?.state === 'failed') {
      this.log.error({ server, reason: status.reason }, 'an MCP server failed');
      this.#connected.delete(server);
      await this.emit(events.mcpFailed, details, { resource, outcome: 'failure' });
    } else if (this.#connected.delete(server)) {
      this.log.warn({ server, reason: why }, 'an MCP server is away');
      await this.emit(events.mcpDisconnected, details, { resource });
    }
  }
}
