import type { Clock, Random, Secrets } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { OutboundDoor } from '../outbound/outbound-door.js';
import type { AuthorizationServer } from './authorization-server.js';
import type { CredentialVault } from './credential-vault.js';
import { Document } from './document.js';
import type { AuthorizationSettings } from './settings.js';
import { secretMethodFor, type ClientAuthentication, type OAuthClient } from './client-authentication.js';
import { errorCode } from './token-endpoint.js';

/** How the daemon presents itself. */
export interface ClientFace {
  readonly name: string;
  readonly redirectUri: string;
  /** Client ID metadata document, https; `undefined` when nobody could fetch it. */
  readonly metadataUrl: string | undefined;
}

/** What the daemon says about itself, in a metadata document or a registration [MCP client registration]. */
export function clientMetadata({ name, redirectUri }: ClientFace) {
  return {
    client_name: name,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    application_type: redirectUri.startsWith('https:') ? 'web' : 'native',
  };
}

/** Which client the daemon is at an authorization server, for one MCP server. */
export class ClientIdentity {
  #closed = false;
  /** Settles once no registration is on its way to the vault; never fails. */
  #keeping: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly server: string,
    private readonly settings: AuthorizationSettings,
    private readonly door: OutboundDoor,
    private readonly vault: CredentialVault,
    private readonly secrets: Secrets,
    private readonly clock: Clock,
    private readonly random: Random,
  ) {}

  /**
   * Registered beforehand, else by metadata document, else registered dynamically, in this order [MCP client registration]; what was
   * registered at one issuer is never shown to another.
   *
   * @throws OrchestratorError `permission_denied` saying what to configure when none of them will do
   */
  async at(authorizationServer: AuthorizationServer, face: ClientFace): Promise<OAuthClient> {
    const { issuer } = authorizationServer;
    const { clientId } = this.settings;
    if (clientId !== undefined) {
      if (this.settings.issuer !== issuer) {
        throw this.#refused(
          `its clientId is registered at ${this.settings.issuer ?? 'nobody'}, and it now names ${issuer}`,
        );
      }
      return { id: clientId, authentication: await this.#ownAuthentication(clientId, authorizationServer) };
    }
    if (authorizationServer.takesMetadataDocuments && face.metadataUrl !== undefined) {
      return { id: face.metadataUrl, authentication: { method: 'none' } };
    }
    const registered = await this.#registered(authorizationServer, face);
    if (registered !== undefined) return registered;
    if (authorizationServer.registrationEndpoint === undefined) {
      throw this.#refused(
        `${issuer} registers nobody by itself: register ${face.redirectUri} there, and set clientId and issuer`,
      );
    }
    return this.#register(authorizationServer, authorizationServer.registrationEndpoint, face);
  }

  /** Who tokens were given to, as far as that is known yet. @param id that they were given to */
  async as(id: string, authorizationServer: AuthorizationServer): Promise<OAuthClient> {
    const { issuer } = authorizationServer;
    if (id === this.settings.clientId && issuer === this.settings.issuer)
      return { id, authentication: await this.#ownAuthentication(id, authorizationServer) };
    const kept = (await this.vault.read(this.#owner, registrationOf(issuer))) as Registration | undefined;
    const secret = kept?.issuer === issuer && kept.clientId === id ? kept.clientSecret : undefined;
    return client(id, secret, authorizationServer);
  }

  /** Forgets a dynamic registration that its authorization server has forgotten. */
  async forget(issuer: string): Promise<void> {
    await this.vault.erase(this.#owner, registrationOf(issuer));
  }

  /** Registers nothing any more, and resolves once no registration is on its way to the store, where it is left to who closes. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#keeping;
  }

  get #owner() {
    return { server: this.server, caller: undefined };
  }

  async #registered(server: AuthorizationServer, face: ClientFace): Promise<OAuthClient | undefined> {
    const kept = (await this.vault.read(this.#owner, registrationOf(server.issuer))) as Registration | undefined;
    if (kept?.issuer !== server.issuer || kept.redirectUri !== face.redirectUri) return undefined;
    if (kept.secretEndsAt !== undefined && kept.secretEndsAt <= this.clock.now()) return undefined;
    return client(kept.clientId, kept.clientSecret, server);
  }

  async #register(server: AuthorizationServer, endpoint: URL, face: ClientFace): Promise<OAuthClient> {
    const open = server.tokenAuthMethods.includes('none');
    const metadata = { ...clientMetadata(face), token_endpoint_auth_method: open ? 'none' : secretMethodFor(server) };
    const headers = { 'content-type': 'application/json' };
    const answer = await this.door.exchange({ method: 'POST', url: endpoint, headers, body: JSON.stringify(metadata) });
    const document = Document.parse(answer.text);
    const clientId = document?.text('client_id');
    if (answer.status < 200 || answer.status > 299 || document === undefined || clientId === undefined) {
      const why = `${server.issuer} did not register ${face.redirectUri} (${errorCode(document)})`;
      throw this.#refused(`${why}: register it there by hand, and set clientId and issuer`);
    }
    const clientSecret = document.text('client_secret');
    const secondsEnd = document.number('client_secret_expires_at') ?? 0;
    const registration: Registration = {
      issuer: server.issuer,
      redirectUri: face.redirectUri,
      clientId,
      ...(clientSecret !== undefined && { clientSecret }),
      ...(clientSecret !== undefined && secondsEnd > 0 && { secretEndsAt: secondsEnd * 1_000 }),
    };
    if (this.#closed) throw this.#refused('it was removed or changed meanwhile');
    const kept = this.vault.write(this.#owner, registrationOf(server.issuer), registration);
    this.#keeping = Promise.allSettled([this.#keeping, kept]);
    await kept;
    return client(clientId, clientSecret, server);
  }

  /** The way that the configuration gives; what it refers to is read anew each time. */
  async #ownAuthentication(clientId: string, server: AuthorizationServer): Promise<ClientAuthentication> {
    const { clientSecret, clientKey, clientKeyId } = this.settings;
    if (clientSecret !== undefined) {
      return { method: secretMethodFor(server), secret: await this.secrets.read(clientSecret) };
    }
    if (clientKey === undefined) return { method: 'none' };
    const { ClientKey } = await import('./client-key.js');
    const key = ClientKey.parse(await this.secrets.read(clientKey), clientKeyId);
    return {
      method: 'private_key_jwt',
      assertion: ({ issuer, assertionAlgorithms }) =>
        key.assertion(clientId, issuer, assertionAlgorithms, this.clock.now(), this.random.uuid()),
    };
  }

  #refused(why: string): OrchestratorError {
    return new OrchestratorError('permission_denied', `server ${this.server} cannot be authorized at: ${why}`);
  }
}

interface Registration {
  readonly issuer: string;
  readonly redirectUri: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** Wall-clock milliseconds. */
  readonly secretEndsAt?: number;
}

function client(id: string, secret: string | undefined, server: AuthorizationServer): OAuthClient {
  return {
    id,
    authentication: secret === undefined ? { method: 'none' } : { method: secretMethodFor(server), secret },
  };
}

function registrationOf(issuer: string): string {
  return `client ${issuer}`;
}
