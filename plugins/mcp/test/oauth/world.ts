import { SystemRandom, SystemTimers } from '@ai-orchestrator/core';
import { MemoryStore } from '@ai-orchestrator/core/in-memory';
import type { Log } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Authorizations, type AuthorizedServer } from '../../src/oauth/authorizations.js';
import { oauthSettingsOf, type AuthorizationSettings, type OAuthSettings } from '../../src/oauth/settings.js';
import type { UpstreamAuthorization } from '../../src/oauth/upstream-authorization.js';
import { OutboundDoor } from '../../src/outbound/outbound-door.js';
import { outboundSettingsOf } from '../../src/outbound/outbound-settings.js';
import { AuthorizationServer, type ServerOptions } from './authorization-server.js';
import { startProtectedServer, type Protection } from './protected-server.js';

/** What a world is made with. */
export interface WorldOptions {
  readonly server?: ServerOptions;
  readonly protection?: Omit<Protection, 'authorizationServer'>;
  readonly settings?: AuthorizationSettings | ((issuer: string) => AuthorizationSettings);
  /** What references stand for; `secret of REFERENCE` unless said. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly oauth?: OAuthSettings;
  readonly perCaller?: boolean;
  readonly publicUrl?: string;
  /** Lists nothing: what is discovered must be public. */
  readonly strict?: boolean;
}

/** An authorization server, a protected server, and a daemon between them whose store and data directory outlive it. */
export class World {
  readonly lines: string[] = [];
  readonly stopping = new AbortController();
  /** What became of tokens of servers that went. */
  readonly revoked: object[] = [];
  /** Servers that a person has authorized the daemon at. */
  readonly authorized: string[] = [];
  readonly time = { ms: Date.UTC(2026, 0, 1) };
  readonly clock = { now: () => this.time.ms, monotonicMs: () => this.time.ms };
  readonly store = new MemoryStore(this.clock);
  readonly #undo: (() => Promise<void> | void)[] = [];

  private constructor(
    readonly options: WorldOptions,
    readonly directory: string,
    readonly authorizationServer: AuthorizationServer,
    readonly protection: Protection,
    readonly mcp: Awaited<ReturnType<typeof startProtectedServer>>,
  ) {}

  static async in<T>(options: WorldOptions, run: (world: World) => Promise<T>): Promise<T> {
    const directory = await mkdtemp(join(tmpdir(), 'mcp-oauth-'));
    const authorizationServer = await AuthorizationServer.start(options.server);
    const protection: Protection = { ...options.protection, authorizationServer };
    const mcp = await startProtectedServer(protection);
    const world = new World(options, directory, authorizationServer, protection, mcp);
    try {
      return await run(world);
    } finally {
      for (const undo of world.#undo.reverse()) await undo();
      await mcp.close();
      await authorizationServer.close();
      await rm(directory, { recursive: true });
    }
  }

  /** Starts the daemon's side, as at the start of a daemon. */
  start(change: Partial<AuthorizedServer> = {}) {
    const { settings = {}, perCaller = false, publicUrl = 'http://127.0.0.1:7420', strict = false } = this.options;
    const allowedHosts = strict ? [] : [this.authorizationServer.host, this.protection.authorizationServer.host];
    const door = new OutboundDoor(outboundSettingsOf({ allowedHosts }), change.url ?? new URL(this.mcp.mcp));
    const authorizations = new Authorizations({
      store: this.store,
      directory: this.directory,
      secrets: { read: (reference) => Promise.resolve(this.options.secrets?.[reference] ?? `secret of ${reference}`) },
      clock: this.clock,
      timers: new SystemTimers(),
      door: (server) => new OutboundDoor(outboundSettingsOf({ allowedHosts }), server),
      revoked: (server, outcome) => Promise.resolve(void this.revoked.push({ server, ...outcome })),
      random: new SystemRandom(this.clock),
      log: this.#log(),
      settings: oauthSettingsOf(this.options.oauth),
      publicUrl: () => publicUrl,
      stopping: this.stopping.signal,
      authorized: (server) => Promise.resolve(void this.authorized.push(server)),
    });
    const server = authorizations.add({
      id: 'files',
      url: new URL(this.mcp.mcp),
      settings: typeof settings === 'function' ? settings(this.authorizationServer.issuer) : settings,
      door,
      perCaller,
      ...change,
    });
    this.#undo.push(() => door.close());
    return { authorizations, server, door };
  }

  /** Does what the transport does: asks, and asks again when it is told to; answers the last status. */
  async request(authorization: UpstreamAuthorization): Promise<string> {
    for (let tries = 0; ; tries++) {
      const sent = await authorization.headers();
      const answer = await fetch(this.mcp.mcp, { headers: sent });
      await answer.text();
      if ((answer.status !== 401 && answer.status !== 403) || tries === 5) return String(answer.status);
      const challenge = answer.headers.get('www-authenticate') ?? undefined;
      const next = await authorization.challenged({ status: answer.status, challenge, sent });
      if (next === 'needs-authorization') return `${answer.status} ${next}`;
    }
  }

  /** Does what a person does: opens the URL, says yes, and is sent back. */
  async sayYes(authorizations: Authorizations, url: string): Promise<string> {
    const answer = await fetch(url, { redirect: 'manual' });
    const back = new URL(answer.headers.get('location') ?? '');
    return outcome(authorizations.finish(back.searchParams));
  }

  #log(): Log {
    const write = (fields: object, message: string) =>
      void this.lines.push(
        `${message} ${JSON.stringify(fields, (_, value: unknown) => (value instanceof Error ? String(value.stack) : value))}`,
      );
    const log: Log = {
      trace: write,
      debug: write,
      info: write,
      warn: write,
      error: write,
      fatal: write,
      child: () => log,
    };
    return log;
  }
}

/** What came of it, or the name of the error. */
export async function outcome<T>(asked: Promise<T>): Promise<T | string> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof OrchestratorError) return error.errorName;
    throw error;
  }
}
