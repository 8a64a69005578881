import type { Clock, EventDraft, Log, Random, Secrets, Store, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { AtOnce } from '../at-once.js';
import type { OutboundDoor } from '../outbound/outbound-door.js';
import { ClientIdentity, type ClientFace } from './client-identity.js';
import { CredentialVault } from './credential-vault.js';
import { Discovery } from './discovery.js';
import {
  authorizationConflict,
  nothingToWithdraw,
  OAuthAuthorization,
  type AuthorizationStatus,
  type BegunAuthorization,
} from './oauth-authorization.js';
import { CALLBACK_PATH, CLIENT_PATH } from './paths.js';
import { PendingAuthorizations } from './pending-authorizations.js';
import { Revocations, type RevocationOutcome } from './revocations.js';
import { TOKENS, type StoredTokens } from './stored-tokens.js';
import { RenewalBudget } from './renewal-budget.js';
import type { AuthorizationSettings, FullOAuthSettings } from './settings.js';
import { GrantRefused } from './token-endpoint.js';
import type { UpstreamAuthorization } from './upstream-authorization.js';

/** A server over HTTP. */
export interface AuthorizedServer {
  readonly id: string;
  readonly url: URL;
  readonly settings: AuthorizationSettings;
  /** Through which everything about its authorization goes; closed by who opened it. */
  readonly door: OutboundDoor;
  /** Whether each caller has tokens of its own. */
  readonly perCaller: boolean;
}

/** How one server's requests are authorized. */
export interface ServerAuthorization {
  /** @param caller principal; of no meaning where all callers share one */
  of(caller: string | undefined): UpstreamAuthorization;
  /** The server is not used any more; its tokens stay, those too of a renewal that is under way, for which it waits `oauth.closeMs`. */
  close(): Promise<void>;
}

/** Where a person says yes. */
export interface StartedAuthorization {
  /** To be opened in a browser. */
  readonly url: string;
  /** RFC 3339. */
  readonly expiresAt: string;
}

/** What became of an authorization that was withdrawn. */
export interface WithdrawnAuthorization {
  readonly issuer: string;
  /** Whether the authorization server has ended its tokens; they end by themselves otherwise. */
  readonly revoked: boolean;
  /** Why it has not. */
  readonly reason?: string;
}

interface Pending extends BegunAuthorization {
  readonly authorization: OAuthAuthorization;
  readonly known: Known;
  readonly caller: string | undefined;
  readonly asker: string | undefined;
}

interface Known {
  readonly server: AuthorizedServer;
  readonly discovery: Discovery;
  readonly identity: ClientIdentity;
  readonly callers: Map<string | undefined, OAuthAuthorization>;
}

/** What {@link Authorizations} works with. */
export interface AuthorizationsParts {
  readonly store: Store;
  readonly directory: string;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly log: Log;
  readonly settings: FullOAuthSettings;
  /** Where browsers and authorization servers reach this daemon. */
  readonly publicUrl: () => string;
  /** The way out to what a server that is gone leads to. */
  readonly door: (server: URL) => OutboundDoor;
  /** Aborted when the daemon goes away. */
  readonly stopping: AbortSignal;
  /** What became of the tokens of a server that is gone, or of an authorization that was withdrawn. */
  readonly revoked: (server: string, outcome: RevocationOutcome) => Promise<void>;
  /** A person has authorized the daemon at a server, for all callers or for one. */
  readonly authorized: (server: string, issuer: string, caller: string | undefined) => Promise<void>;
}

/** The daemon as an OAuth 2.1 client of its servers: who is authorized where, and the people who are asked. */
export class Authorizations {
  readonly #servers = new Map<string, Known>();
  readonly #pending: PendingAuthorizations<Pending>;
  readonly #vault: CredentialVault;
  /** What waits for it is bounded: one withdrawal of each authorization, of which a server has `oauth.callers`, and what came of those pending. */
  readonly #revocations: AtOnce;

  constructor(private readonly parts: AuthorizationsParts) {
    const { store, directory, random, log, clock, settings } = parts;
    this.#pending = new PendingAuthorizations(clock, random, settings);
    this.#vault = new CredentialVault(store, directory, random, log);
    this.#revocations = new AtOnce(settings.revocations);
  }

  /** @throws OrchestratorError `conflict` when a server of the name is there */
  add(server: AuthorizedServer): ServerAuthorization {
    const { id, url, door, settings } = server;
    if (this.#servers.has(id)) throw new OrchestratorError('conflict', `server ${id} is there already`);
    const { clock, secrets, random } = this.parts;
    const known: Known = {
      server,
      discovery: new Discovery(door, url, settings.issuer, clock, this.parts.settings.discoveryMs),
      identity: new ClientIdentity(id, settings, door, this.#vault, secrets, clock, random),
      callers: new Map(),
    };
    this.#servers.set(id, known);
    return {
      of: (caller) => this.#of(known, caller),
      close: async () => {
        if (this.#isThere(known)) this.#servers.delete(id);
        const closed = [...known.callers.values()].map((authorization) => authorization.close());
        known.callers.clear();
        await Promise.all(closed);
        await known.identity.close();
      },
    };
  }

  /**
   * Revokes the tokens of a server that is gone, of all its callers, as far as that can be done in time, and erases what is kept of it.
   *
   * @param settings that it was authorized by, where they are known yet
   */
  async erase(id: string, settings: AuthorizationSettings = {}): Promise<void> {
    const tokens = (await this.#vault.all(id, TOKENS)) as readonly StoredTokens[];
    const outcome = tokens.length === 0 ? undefined : await this.#revoke(id, settings, tokens);
    await this.#vault.eraseServer(id);
    if (outcome !== undefined) await this.parts.revoked(id, outcome);
  }

  /**
   * Ends an authorization that a person gave: nothing is sent with it from now on, and its tokens are erased, and revoked as far as that can be done in time.
   *
   * @param caller whose it is, at a server that has tokens per caller
   * @param record what the journal is to have of it, in one commit with its end: whose authorization where, `undefined` for that of all
   * @throws OrchestratorError `not_found`; `conflict` when there is none, no person gave it, or it is being withdrawn already
   */
  async withdraw(
    id: string,
    caller: string | undefined,
    record: (issuer: string, caller: string | undefined) => EventDraft,
  ): Promise<WithdrawnAuthorization> {
    const known = this.#known(id);
    const whose = known.server.perCaller ? caller : undefined;
    // Somebody who has none takes no place of a caller.
    const mayHave = known.callers.has(whose) || whose === undefined || (await this.#hasKept(id, whose));
    if (!mayHave) throw nothingToWithdraw(id);
    const authorization = this.#of(known, whose);
    const tokens = await authorization.withdraw((issuer) => record(issuer, whose));
    const { issuer } = tokens;
    // What was begun before is not to bring it back.
    this.#pending.drop((other) => other.authorization === authorization && !authorization.stands(other));
    const outcome = await this.#revoke(id, known.server.settings, [tokens]);
    await this.parts.revoked(id, outcome);
    const { unrevoked, reason } = outcome;
    return { issuer, revoked: unrevoked === 0, ...(reason !== undefined && { reason }) };
  }

  /**
   * Begins an authorization; the person who opens the URL and says yes ends it.
   *
   * @param caller whose it is, at a server that has tokens per caller
   * @param asker who began it for themselves; the person has to say yes to them as well, and one alone waits for each of them
   * @throws OrchestratorError `not_found`, or why nobody can be asked
   */
  async startAuthorization(id: string, caller?: string, asker?: string): Promise<StartedAuthorization> {
    const known = this.#known(id);
    const authorization = this.#of(known, caller);
    const begun = await authorization.begin();
    if (!authorization.stands(begun)) {
      throw authorizationConflict(id, 'the authorization was withdrawn meanwhile; begin it again');
    }
    const { server, resource } = begun.authority;
    if (asker !== undefined) this.#pending.drop((other) => other.known.server.id === id && other.asker === asker);
    const { state, codeChallenge, endsInMs } = this.#pending.add({
      ...begun,
      authorization,
      known,
      caller: known.server.perCaller ? caller : undefined,
      asker,
    });
    const url = new URL(server.authorizationEndpoint ?? '');
    const parameters = {
      response_type: 'code',
      client_id: begun.client.id,
      redirect_uri: begun.redirectUri,
      state,
      code_challenge: codeChallenge,
      code_challenge_method: 'S256',
      resource,
      ...(begun.scopes.length > 0 && { scope: begun.scopes.join(' ') }),
    };
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
    return { url: url.href, expiresAt: new Date(this.parts.clock.now() + endsInMs).toISOString() };
  }

  /**
   * Who asked for the authorization of a state for themselves: whoever says yes lends them their own account, and has to know. `undefined`
   * where an administrator asked, or nothing waits.
   */
  askedBy(state: string): { readonly asker: string; readonly server: string } | undefined {
    const { asker, known } = this.#pending.peek(state) ?? {};
    return asker === undefined || known === undefined ? undefined : { asker, server: known.server.id };
  }

  /** Whether a server of the name is there. */
  has(id: string): boolean {
    return this.#servers.has(id);
  }

  /** @throws OrchestratorError `not_found` */
  status(id: string, caller?: string): Promise<AuthorizationStatus> {
    return this.#of(this.#known(id), caller).status();
  }

  /**
   * A person came back.
   *
   * @returns the server that is authorized at now
   * @throws OrchestratorError `permission_denied` saying why not, in words that hold nothing of what came with the person
   */
  async finish(parameters: URLSearchParams): Promise<string> {
    const pending = this.#pending.take(parameters.get('state') ?? '');
    if (pending === undefined) throw denied('this authorization was not begun here, or is over; begin it again');
    const { authority, authorization, known } = pending.for;
    const { id: server, settings } = known.server;
    const { issuer, answersWithIssuer } = authority.server;
    const iss = parameters.get('iss');
    // Before anything else of the answer is looked at [RFC 9207 §2.4].
    if (iss === null ? answersWithIssuer : iss !== issuer)
      throw denied('the answer is not of the authorization server that was asked');
    const code = parameters.get('code');
    if (code === null || code.length > 4_096) throw denied('the authorization server did not say yes');
    if (!this.#isThere(known)) throw denied(gone(server));
    let unused: StoredTokens | undefined;
    try {
      unused = await authorization.finish(pending.for, code, pending.codeVerifier);
    } catch (error) {
      this.parts.log.warn({ err: error, server }, 'an authorization was not finished');
      if (!this.#isThere(known)) throw denied(gone(server), error);
      const why = error instanceof GrantRefused ? error.code : 'it cannot be reached, or did not answer as it should';
      throw denied(`the authorization server gave no token: ${why}`, error);
    }
    if (unused !== undefined) {
      await this.parts.revoked(server, await this.#revoke(server, settings, [unused]));
      throw denied(this.#isThere(known) ? 'the authorization was withdrawn meanwhile; begin it again' : gone(server));
    }
    await this.parts.authorized(server, issuer, pending.for.caller);
    return server;
  }

  /** How the daemon presents itself to authorization servers. */
  face(): ClientFace {
    const publicUrl = this.parts.publicUrl();
    const { clientName: name, clientMetadataUrl } = this.parts.settings;
    const own = publicUrl.startsWith('https:') ? publicUrl + CLIENT_PATH : undefined;
    return { name, redirectUri: publicUrl + CALLBACK_PATH, metadataUrl: clientMetadataUrl ?? own };
  }

  #revoke(id: string, settings: AuthorizationSettings, tokens: readonly StoredTokens[]): Promise<RevocationOutcome> {
    const { door, timers, secrets, clock, random, stopping } = this.parts;
    const { revocationMs: withinMs } = this.parts.settings;
    const identity = (way: OutboundDoor) => new ClientIdentity(id, settings, way, this.#vault, secrets, clock, random);
    return this.#revocations.run(() => new Revocations({ door, identity, timers, withinMs, stopping }).revoke(tokens));
  }

  async #hasKept(server: string, caller: string): Promise<boolean> {
    return (await this.#vault.read({ server, caller }, TOKENS)) !== undefined;
  }

  /** Whether a server is there as it was. */
  #isThere(known: Known): boolean {
    return this.#servers.get(known.server.id) === known;
  }

  #known(id: string): Known {
    const known = this.#servers.get(id);
    if (known !== undefined) return known;
    throw new OrchestratorError('not_found', `there is no server ${id} that is reached over HTTP`, {
      resource: `mcp/${id}`,
    });
  }

  #of(known: Known, asked: string | undefined): OAuthAuthorization {
    const { server, discovery, identity, callers } = known;
    const caller = server.perCaller ? asked : undefined;
    const there = callers.get(caller);
    if (there !== undefined) return there;
    const { clock, timers, log, settings } = this.parts;
    if (callers.size >= settings.callers) {
      throw new OrchestratorError('limit_exceeded', `server ${server.id} has ${settings.callers} callers`, {
        limit: { name: 'plugins.mcp.config.oauth.callers', value: settings.callers },
      });
    }
    const made = new OAuthAuthorization({
      owner: { server: server.id, caller },
      server: server.url,
      settings: server.settings,
      face: () => this.face(),
      door: server.door,
      discovery,
      identity,
      vault: this.#vault,
      budget: new RenewalBudget(clock, settings),
      maxScopes: settings.scopes,
      closeMs: settings.closeMs,
      clock,
      timers,
      log,
    });
    callers.set(caller, made);
    return made;
  }
}

function denied(why: string, cause?: unknown): OrchestratorError {
  return new OrchestratorError('permission_denied', why, {}, cause === undefined ? {} : { cause });
}

/** Why nothing comes of an authorization at a server that went while a person was away. */
function gone(server: string): string {
  return `server ${server} was removed or changed meanwhile, and nothing of this authorization is kept; add the server again if it is gone, then begin again`;
}
