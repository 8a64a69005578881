import { SystemRandom } from '@ai-orchestrator/core';
import { RelayedJson } from '@ai-orchestrator/core/plugin';
import { startPlugin } from '@ai-orchestrator/core/plugin-testing';
import type { Authentication, AuthenticationScheme, Call, Log, Principal, Store } from '@ai-orchestrator/core/plugin';
import authApikey from '@ai-orchestrator/plugin-auth-apikey';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MemoryStore } from './memory-store.js';

/** A data directory and a store that outlive the plugin, and time that the test owns. */
export class World {
  readonly store = new MemoryStore();
  readonly time = { ms: Date.UTC(2026, 0, 1) };
  readonly lines: string[] = [];
  readonly revoked: string[] = [];
  readonly expired: string[] = [];
  readonly clock = { now: () => this.time.ms, monotonicMs: () => this.time.ms };
  readonly random = new SystemRandom(this.clock);

  private constructor(readonly directory: string) {}

  /** Runs a test in a new world and removes its directory afterwards. */
  static async in(run: (world: World) => Promise<void>): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), 'auth-apikey-'));
    try {
      await run(new World(directory));
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  get file(): string {
    return join(this.directory, 'admin.key');
  }

  async adminKey(): Promise<string> {
    return (await readFile(this.file, 'utf8')).trim();
  }

  async start(config: Record<string, number> = {}) {
    let scheme: AuthenticationScheme | undefined;
    const ticks = new Map<number, () => void>();
    const authentication: Authentication = {
      addScheme: (added) => {
        scheme = added;
        return () => (scheme = undefined);
      },
      authenticate: (token) => scheme?.authenticate(token) ?? Promise.resolve(undefined),
      revoke: (credentialId) => void this.revoked.push(credentialId),
      expire: (credentialId) => void this.expired.push(credentialId),
      onRevoked: () => () => undefined,
    };
    const timers = {
      after: () => ({ cancel: () => undefined }),
      every: (ms: number, run: () => void) => (ticks.set(ms, run), { cancel: () => void ticks.delete(ms) }),
    };
    const write = (fields: object, message: string) => void this.lines.push(`${message} ${JSON.stringify(fields)}`);
    const log: Log = {
      trace: write,
      debug: write,
      info: write,
      warn: write,
      error: write,
      fatal: write,
      child: () => log,
    };
    const { clock, random } = this;
    const dataDirectory = { path: this.directory };
    const store = this.store as unknown as Store;
    const services = { store, authentication, dataDirectory, clock, random, timers };
    const started = await startPlugin(authApikey, { config, services, log });
    const { create, list, rotate, revoke } = started.handlers;
    return {
      ...started,
      handlers: { create: parsed(create), list: parsed(list), rotate: parsed(rotate), revoke: parsed(revoke) },
      who: (token: string) => authentication.authenticate(token, '127.0.0.1'),
      /** Lets the plugin's timer of this period fire. */
      tick: (ms: number) => ticks.get(ms)?.(),
    };
  }
}

/** A handler that answers values only. */
function parsed<P, R>(handler: (params: P, call: Call) => R | RelayedJson | Promise<R | RelayedJson>) {
  return async (params: P, call: Call): Promise<R> => {
    const result = await handler(params, call);
    if (result instanceof RelayedJson) throw new Error('a key method relays nothing');
    return result;
  };
}

/** A call by somebody with these roles. */
export function callBy(id: string, ...roles: Principal['roles'][number][]): Call {
  const principal: Principal = { id, kind: 'user', roles, credentialId: `${id}.1` };
  return { principal } as unknown as Call;
}
