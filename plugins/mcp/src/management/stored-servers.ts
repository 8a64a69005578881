import type { Commit, EventDraft, JsonValue, Store } from '@ai-orchestrator/core/plugin';
import type { ServerConfig } from '../upstream/server-config.js';

/** A server that a method added. */
export interface StoredServer {
  readonly config: ServerConfig;
  /** Wall-clock milliseconds. */
  readonly addedAt: number;
  readonly addedBy: string;
}

const PREFIX = 'mcp-server/';
const END = 'mcp-server0';
const PAGE = 1000;

/** The servers that methods added, in memory as they are in the store. */
export class StoredServers {
  readonly #servers = new Map<string, { readonly server: StoredServer; readonly revision: number }>();

  async load(store: Store): Promise<void> {
    let from: string | undefined = PREFIX;
    while (from !== undefined) {
      const page = await store.range({ from, to: END, limit: PAGE });
      for (const { key, value, revision } of page.entries) {
        this.#servers.set(key.slice(PREFIX.length), { server: value as unknown as StoredServer, revision });
      }
      from = page.next;
    }
  }

  names(): readonly string[] {
    return [...this.#servers.keys()];
  }

  get(name: string): StoredServer | undefined {
    return this.#servers.get(name)?.server;
  }

  /** What a commit must have for a server to be kept as given, or be gone without one. */
  change(name: string, server: StoredServer | undefined, event: EventDraft): Commit {
    const key = PREFIX + name;
    return {
      checks: [{ key, revision: this.#servers.get(name)?.revision ?? 0 }],
      ...(server === undefined
        ? { deletes: [key] }
        : { puts: [{ key, value: JSON.parse(JSON.stringify(server)) as JsonValue }] }),
      events: [event],
    };
  }

  /** What was committed. */
  changed(name: string, server: StoredServer | undefined, revision: number): void {
    if (server === undefined) this.#servers.delete(name);
    else this.#servers.set(name, { server, revision });
  }
}

/** Several changes as one commit. */
export function together(commits: readonly Commit[]): Commit {
  return {
    checks: commits.flatMap(({ checks = [] }) => checks),
    puts: commits.flatMap(({ puts = [] }) => puts),
    deletes: commits.flatMap(({ deletes = [] }) => deletes),
    events: commits.flatMap(({ events = [] }) => events),
  };
}
