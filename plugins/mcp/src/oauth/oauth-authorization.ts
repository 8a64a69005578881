import type { Clock, EventDraft, Log, Timers } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { OutboundDoor } from '../outbound/outbound-door.js';
import { bearerChallenge } from './challenge.js';
import type { ClientFace, ClientIdentity } from './client-identity.js';
import type { CredentialOwner, CredentialVault } from './credential-vault.js';
import type { Authority, Discovery } from './discovery.js';
import type { RenewalBudget } from './renewal-budget.js';
import type { AuthorizationSettings } from './settings.js';
import { isFresh, storedTokens, TOKENS, type StoredTokens } from './stored-tokens.js';
import type { OAuthClient } from './client-authentication.js';
import { GrantRefused, requestTokens } from './token-endpoint.js';
import type { AuthorizationChange, Refusal, UpstreamAuthorization } from './upstream-authorization.js';

const NOTHING: Readonly<Record<string, string>> = {};

/** How it stands between one server and one caller; nothing of any token. */
export interface AuthorizationStatus {
  /** `none`: nobody asked for any; `refused`: the server asks for what it has, so that nobody's yes would help. */
  readonly state: 'none' | 'authorized' | 'needs-authorization' | 'refused';
  readonly issuer?: string;
  readonly scopes?: readonly string[];
  /** RFC 3339; of the access token, which may be renewed then. */
  readonly expiresAt?: string;
  /** Why it is not authorized, and what to do. */
  readonly problem?: string;
}

/** A person's part that was begun. */
export interface BegunAuthorization {
  readonly authority: Authority;
  readonly client: OAuthClient;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** How many withdrawals there were before. */
  readonly withdrawals: number;
}

/** What an {@link OAuthAuthorization} works with. */
export interface OAuthParts {
  readonly owner: CredentialOwner;
  readonly server: URL;
  readonly settings: AuthorizationSettings;
  readonly face: () => ClientFace;
  readonly door: OutboundDoor;
  readonly discovery: Discovery;
  readonly identity: ClientIdentity;
  readonly vault: CredentialVault;
  readonly budget: RenewalBudget;
  /** Asked for at most, all in all. */
  readonly maxScopes: number;
  /** How long closing waits for a renewal that is under way. */
  readonly closeMs: number;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly log: Log;
}

/** Tokens for one server, and one caller where the server has them per caller: had, sent, renewed, and lost [MCP authorization]. */
export class OAuthAuthorization implements UpstreamAuthorization {
  readonly #listeners = new Set<(change: AuthorizationChange) => void>();
  #loading: Promise<void> | undefined;
  #loaded = false;
  #tokens: StoredTokens | undefined;
  #headers = NOTHING;
  #renewing: Promise<boolean> | undefined;
  /** Scopes that the server asked for and that no token was asked for with yet. */
  #wanted: readonly string[] = [];
  /** What the server's last refusal calls for. */
  #standing: 'authorized' | 'needs-authorization' | 'refused' = 'authorized';
  #problem: string | undefined;
  #closed = false;
  /** Whether what is granted, and what is lost, still changes the vault: for a while after it was closed. */
  #keeps = true;
  /** That were begun; what began before the latest is not to bring back what it ended. */
  #withdrawals = 0;
  #withdrawing: Promise<StoredTokens> | undefined;
  /** Settles once the latest tokens are in the vault; never fails. */
  #keeping = Promise.resolve();

  constructor(private readonly parts: OAuthParts) {}

  headers(): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>> {
    const tokens = this.#tokens;
    if (this.#loaded && (tokens === undefined || isFresh(tokens, this.parts.clock))) return this.#headers;
    return this.#freshHeaders();
  }

  async challenged({ status, challenge, sent }: Refusal): Promise<'retry' | 'needs-authorization'> {
    await this.#load();
    const { error, scopes = [], resourceMetadata } = bearerChallenge(challenge);
    this.parts.discovery.challenged(resourceMetadata);
    const { authorization } = this.#headers;
    // Another request has had it renewed meanwhile.
    if (authorization !== undefined && authorization !== sent.authorization) return 'retry';
    // It may be authorized elsewhere by now [MCP authorization server binding].
    if (status === 401) this.parts.discovery.forget();
    const asked = this.#tokens?.scopes ?? [];
    const missing = scopes.filter((scope) => !asked.includes(scope));
    if (status === 403) {
      if (error !== 'insufficient_scope') return 'needs-authorization';
      if (missing.length === 0)
        return this.#refused('the server asks for scopes that were asked for already, and not granted');
    }
    const wanted = union(this.#wanted, missing);
    const tooMany = union(asked, wanted).length > this.parts.maxScopes;
    if (!tooMany) this.#wanted = wanted;
    else if (status === 403) return this.#refused(`the server asks for more than ${this.parts.maxScopes} scopes`);
    if (status === 401 && (await this.#renew(true))) return 'retry';
    if (status === 403 && this.parts.settings.grant === 'client_credentials' && (await this.#renew(true)))
      return 'retry';
    return this.#stuck(status === 403 ? `the server asks for more scopes: ${missing.join(' ')}` : undefined);
  }

  onChanged(listener: (change: AuthorizationChange) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async status(): Promise<AuthorizationStatus> {
    await this.#load();
    const tokens = this.#tokens;
    const problem = this.#problem === undefined ? {} : { problem: this.#problem };
    if (tokens === undefined)
      return { state: this.#standing === 'authorized' ? 'none' : 'needs-authorization', ...problem };
    return {
      state: this.#standing,
      issuer: tokens.issuer,
      scopes: tokens.scopes,
      ...(tokens.expiresAt !== undefined && { expiresAt: new Date(tokens.expiresAt).toISOString() }),
      ...problem,
    };
  }

  /**
   * What a person is to be asked.
   *
   * @throws OrchestratorError saying why it cannot be asked
   */
  async begin(): Promise<BegunAuthorization> {
    const withdrawals = this.#withdrawals;
    await this.#load();
    if (this.parts.settings.grant === 'client_credentials') {
      throw withoutPerson(this.parts.owner.server);
    }
    const face = this.parts.face();
    const authority = await this.parts.discovery.authority();
    const { issuer, authorizationEndpoint, codeChallengeMethods } = authority.server;
    if (authorizationEndpoint === undefined) throw refusedServer(issuer, 'it has no authorization endpoint with TLS');
    // Without this announcement nobody can tell whether a code is protected [MCP authorization code protection].
    if (!codeChallengeMethods.includes('S256')) throw refusedServer(issuer, 'it does not announce PKCE with S256');
    const client = await this.parts.identity.at(authority.server, face);
    return { authority, client, redirectUri: face.redirectUri, scopes: this.#scopesFor(authority), withdrawals };
  }

  /** Whether nothing was withdrawn since it was begun. */
  stands({ withdrawals }: BegunAuthorization): boolean {
    return withdrawals === this.#withdrawals;
  }

  /**
   * A person said yes: the code becomes tokens.
   *
   * @returns what was granted though it was withdrawn, or the server went, meanwhile: to be revoked, it is not used
   * @throws GrantRefused, OrchestratorError
   */
  async finish(begun: BegunAuthorization, code: string, codeVerifier: string): Promise<StoredTokens | undefined> {
    const { authority, client, redirectUri } = begun;
    const granted = await this.#request(authority, client, {
      grant_type: 'authorization_code',
      code,
      code_verifier: codeVerifier,
      redirect_uri: redirectUri,
      resource: authority.resource,
    });
    const tokens = storedTokens(granted, this.#about(authority, client, begun.scopes), undefined, this.parts.clock);
    await this.#withdrawing?.catch(() => undefined);
    if (!this.stands(begun) || this.#closed) return tokens;
    if (!(await this.#keep(tokens, () => this.#eraseIfClosed()))) return tokens;
    this.#tell('authorized');
    return undefined;
  }

  /**
   * Erases the tokens that a person allowed, and sends nothing with them any more.
   *
   * @param record what the journal is to have of it, in one commit with the erasure
   * @returns what they were, so that they can be revoked
   * @throws OrchestratorError `conflict` when there are none, no person gave them, or they are being withdrawn already; what the store
   *   throws when it does not erase them: then they go on, and can be withdrawn again
   */
  async withdraw(record: (issuer: string) => EventDraft): Promise<StoredTokens> {
    await this.#load();
    const { settings, owner } = this.parts;
    if (settings.grant === 'client_credentials') throw withoutPerson(owner.server);
    if (this.#tokens === undefined) throw nothingToWithdraw(owner.server);
    if (this.#withdrawing !== undefined) {
      throw authorizationConflict(
        owner.server,
        `the authorization at server ${owner.server} is being withdrawn already`,
      );
    }
    this.#withdrawals += 1;
    this.#withdrawing = this.#withdrawOnce(record).finally(() => (this.#withdrawing = undefined));
    return this.#withdrawing;
  }

  /**
   * Sends nothing any more, and resolves once none of its tokens is on its way to the store, where they are left to who closes. A renewal
   * that is under way is waited for, within {@link OAuthParts.closeMs}: with it the refresh token that is kept may have become useless.
   */
  async close(): Promise<void> {
    this.#closed = true;
    this.#forget();
    this.#listeners.clear();
    await this.#renewalOver();
    this.#keeps = false;
    await this.#keeping;
  }

  /** Resolves once no renewal is under way, or it takes too long. */
  async #renewalOver(): Promise<void> {
    const { timers, closeMs } = this.parts;
    const renewing = this.#renewing;
    if (renewing === undefined) return;
    await new Promise<void>((resolve) => {
      const deadline = timers.after(closeMs, resolve);
      const over = (): void => {
        deadline.cancel();
        resolve();
      };
      // How it failed was said by then.
      renewing.then(over, over);
    });
  }

  async #withdrawOnce(record: (issuer: string) => EventDraft): Promise<StoredTokens> {
    const { vault, owner } = this.parts;
    // A renewal that is under way, and tokens on their way to the vault, would bring it back.
    await this.#renewing?.catch(() => undefined);
    await this.#keeping;
    const tokens = this.#tokens;
    if (tokens === undefined) throw nothingToWithdraw(owner.server);
    // First, so that nothing is said to be withdrawn that comes back with the next start.
    await vault.erase(owner, TOKENS, [record(tokens.issuer)]);
    this.#forget();
    this.#wanted = [];
    this.#standing = 'needs-authorization';
    this.#problem = 'the authorization was withdrawn';
    this.#tell('withdrawn');
    return tokens;
  }

  async #freshHeaders(): Promise<Readonly<Record<string, string>>> {
    await this.#load();
    if (this.#tokens !== undefined && !isFresh(this.#tokens, this.parts.clock)) await this.#renew(false);
    return this.#headers;
  }

  #load(): Promise<void> {
    if (this.#loaded) return Promise.resolve();
    return (this.#loading ??= this.#read().finally(() => (this.#loading = undefined)));
  }

  async #read(): Promise<void> {
    const { vault, owner, server } = this.parts;
    const kept = (await vault.read(owner, TOKENS)) as StoredTokens | undefined;
    if (kept?.server === server.href) this.#use(kept);
    this.#loaded = true;
  }

  /** Answers whether there is a token that was not there before. */
  #renew(refused: boolean): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    return (this.#renewing ??= this.#renewOnce(refused).finally(() => (this.#renewing = undefined)));
  }

  async #renewOnce(refused: boolean): Promise<boolean> {
    // It would bring back what is being erased.
    await this.#withdrawing?.catch(() => undefined);
    const tokens = this.#tokens;
    const own = this.parts.settings.grant === 'client_credentials';
    if (!own && tokens?.refreshToken === undefined) {
      // It is not sent again: expired, or refused by the server.
      if (tokens !== undefined) await this.#lose('its token has ended, and there is none to renew it with');
      return false;
    }
    if (!this.parts.budget.take()) {
      this.#problem = 'tokens were asked for too often, and refused; wait, then authorize again';
      return false;
    }
    try {
      const authority = await this.parts.discovery.authority();
      const fresh = own ? await this.#byCredentials(authority) : await this.#byRefresh(authority, tokens);
      if (fresh === undefined) return false;
      await this.#keep(fresh);
      return true;
    } catch (error) {
      this.parts.discovery.forget();
      if (error instanceof GrantRefused) {
        if (error.code === 'invalid_client') await this.parts.identity.forget(tokens?.issuer ?? '');
        await this.#lose(error.message);
        return false;
      }
      this.#problem = error instanceof Error ? error.message : String(error);
      this.parts.log.warn({ err: error, server: this.parts.owner.server }, 'a token cannot be renewed');
      // A token that is only about to end goes on meanwhile; one that was refused does not come back.
      if (refused) return false;
      throw new OrchestratorError(
        'unavailable',
        `server ${this.parts.owner.server} cannot be authorized at now`,
        {},
        { cause: error },
      );
    }
  }

  async #byCredentials(authority: Authority): Promise<StoredTokens> {
    const client = await this.parts.identity.at(authority.server, this.parts.face());
    const scopes = this.#scopesFor(authority);
    const granted = await this.#request(authority, client, {
      grant_type: 'client_credentials',
      resource: authority.resource,
      ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    });
    return storedTokens(granted, this.#about(authority, client, scopes), undefined, this.parts.clock);
  }

  /** A refresh token goes only to the issuer that gave it, as the client it was given to. */
  async #byRefresh(authority: Authority, tokens: StoredTokens | undefined): Promise<StoredTokens | undefined> {
    if (tokens?.refreshToken === undefined) return undefined;
    const client =
      tokens.issuer === authority.server.issuer
        ? await this.parts.identity.at(authority.server, this.parts.face())
        : undefined;
    if (client?.id !== tokens.clientId || tokens.resource !== authority.resource) {
      await this.#lose('the server is authorized elsewhere now, or as another client; authorize again');
      return undefined;
    }
    const granted = await this.#request(authority, client, {
      grant_type: 'refresh_token',
      refresh_token: tokens.refreshToken,
      resource: authority.resource,
    });
    return storedTokens(granted, this.#about(authority, client, tokens.scopes), tokens, this.parts.clock);
  }

  #request(authority: Authority, client: OAuthClient, parameters: Record<string, string>) {
    return requestTokens(this.parts.door, authority.server, client, parameters);
  }

  /** What the server asked for, and was granted before; else what it supports [MCP scope selection, step-up]. */
  #scopesFor({ scopes, server }: Authority): readonly string[] {
    const asked = union(union(this.#tokens?.scopes ?? [], this.parts.settings.scopes ?? []), this.#wanted);
    const chosen = asked.length > 0 ? asked : (scopes ?? []);
    const offline = this.parts.settings.grant !== 'client_credentials' && server.scopes.includes('offline_access');
    return offline ? union(chosen, ['offline_access']) : chosen;
  }

  #about({ server, resource }: Authority, client: OAuthClient, scopes: readonly string[]) {
    return { server: this.parts.server.href, issuer: server.issuer, clientId: client.id, resource, scopes };
  }

  /**
   * Answers whether they are sent from now on.
   *
   * @param written what is to be done once they are in the vault, before closing resolves; it never fails
   */
  async #keep(tokens: StoredTokens, written?: () => Promise<void>): Promise<boolean> {
    if (!this.#keeps) return false;
    if (!this.#closed) {
      this.#use(tokens);
      this.#wanted = [];
      this.#standing = 'authorized';
      this.#problem = undefined;
    }
    await (this.#keeping = this.#keeping.then(() => this.#write(tokens)).then(written));
    return !this.#closed;
  }

  async #write(tokens: StoredTokens): Promise<void> {
    try {
      await this.parts.vault.write(this.parts.owner, TOKENS, tokens);
    } catch (error) {
      // They are used until the daemon ends; after that a person has to say yes again.
      this.parts.log.error({ err: error, server: this.parts.owner.server }, 'tokens cannot be kept');
    }
  }

  /** A server that went while a person's tokens were written is not to have them. */
  async #eraseIfClosed(): Promise<void> {
    if (!this.#closed) return;
    const { vault, owner, log } = this.parts;
    await vault.erase(owner, TOKENS).catch((error: unknown) => {
      log.error({ err: error, server: owner.server }, 'tokens that are being revoked cannot be erased');
    });
  }

  async #lose(why: string): Promise<void> {
    this.#wanted = union(this.#tokens?.scopes ?? [], this.#wanted);
    this.#forget();
    this.#standing = 'needs-authorization';
    this.#problem = why;
    // Those that are kept by now may be of who came after.
    if (this.#keeps) await this.parts.vault.erase(this.parts.owner, TOKENS);
  }

  #use(tokens: StoredTokens): void {
    this.#tokens = tokens;
    this.#headers = { authorization: `Bearer ${tokens.accessToken}` };
  }

  #forget(): void {
    this.#tokens = undefined;
    this.#headers = NOTHING;
  }

  /** To be asked again would not help: whoever tries on would try for ever [MCP step-up authorization]. */
  #refused(problem: string): 'needs-authorization' {
    if (this.#wanted.length > 0) return 'needs-authorization';
    this.#standing = 'refused';
    this.#problem = problem;
    return 'needs-authorization';
  }

  #stuck(problem: string | undefined): 'needs-authorization' {
    this.#standing = 'needs-authorization';
    this.#problem = problem ?? this.#problem;
    return 'needs-authorization';
  }

  #tell(change: AuthorizationChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function union(some: readonly string[], others: readonly string[]): readonly string[] {
  return [...new Set([...some, ...others])];
}

/** That there is no authorization of a person at a server. */
export function nothingToWithdraw(server: string): OrchestratorError {
  return authorizationConflict(server, `no authorization at server ${server} is there to be withdrawn`);
}

/** That nobody says yes at a server, or takes it back. */
function withoutPerson(server: string): OrchestratorError {
  const why = `server ${server} is authorized at by credentials of the daemon, without a person; to end that, remove the server or its credentials`;
  return new OrchestratorError('conflict', why, { resource: `mcp/${server}` });
}

/** That an authorization at a server is not as who asks takes it to be. */
export function authorizationConflict(server: string, why: string): OrchestratorError {
  return new OrchestratorError('conflict', why, { resource: `mcp/${server}/authorization` });
}

function refusedServer(issuer: string, why: string): OrchestratorError {
  return new OrchestratorError('permission_denied', `the authorization server ${issuer} cannot be used: ${why}`);
}
