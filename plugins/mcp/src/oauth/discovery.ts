import type { Clock } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { OutboundDoor } from '../outbound/outbound-door.js';
import { findAuthorizationServer, type AuthorizationServer } from './authorization-server.js';
import { bearerChallenge } from './challenge.js';
import { findProtectedResource, resourceOf } from './protected-resource.js';

/** Who authorizes requests to a server, and to what. */
export interface Authority {
  readonly server: AuthorizationServer;
  /** Goes into every authorization and token request [RFC 8707]. */
  readonly resource: string;
  /** What the resource says it has. */
  readonly scopes: readonly string[] | undefined;
}

/** Finds out who authorizes requests to one server, and believes it for a while. */
export class Discovery {
  #known: { readonly authority: Authority; readonly until: number } | undefined;
  #hint: string | undefined;
  #challenged = false;

  /** @param issuer of the configuration: a server that has no metadata is authorized there, and one that has must name it */
  constructor(
    private readonly door: OutboundDoor,
    private readonly server: URL,
    private readonly issuer: string | undefined,
    private readonly clock: Clock,
    private readonly believedMs: number,
  ) {}

  /** The server's challenge says where its metadata is: look again, there. */
  challenged(hint: string | undefined): void {
    this.#challenged = true;
    if (hint !== undefined && hint !== this.#hint) {
      this.#hint = hint;
      this.#known = undefined;
    }
  }

  /** Look again the next time. */
  forget(): void {
    this.#known = undefined;
  }

  /** @throws OrchestratorError saying why it cannot be told or must not be believed */
  async authority(): Promise<Authority> {
    const now = this.clock.monotonicMs();
    if (this.#known !== undefined && this.#known.until > now) return this.#known.authority;
    if (!this.#challenged) await this.#provoke();
    const found = await findProtectedResource(this.door, this.server, this.#hint);
    const issuer = this.#issuer(found?.authorizationServers);
    const authority: Authority = {
      server: await findAuthorizationServer(this.door, issuer),
      resource: found?.resource ?? resourceOf(this.server),
      scopes: found?.scopes,
    };
    this.#known = { authority, until: now + this.believedMs };
    return authority;
  }

  /** Nobody has met the server's challenge yet, and it may be all that says where its metadata is. */
  async #provoke(): Promise<void> {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'ping' });
    const answer = await this.door.exchange({ method: 'POST', url: this.server, headers, body });
    this.challenged(
      answer.status === 401 ? bearerChallenge(answer.headers['www-authenticate']).resourceMetadata : undefined,
    );
  }

  #issuer(offered: readonly string[] | undefined): string {
    if (this.issuer === undefined) {
      const first = offered?.[0];
      if (first !== undefined) return first;
      throw new OrchestratorError(
        'not_found',
        `${this.server.href} has no metadata of its authorization; set authorization.issuer`,
        {
          resource: this.server.href,
        },
      );
    }
    if (offered === undefined || offered.includes(this.issuer)) return this.issuer;
    throw new OrchestratorError(
      'permission_denied',
      `${this.server.href} is not authorized at ${this.issuer} any more; it names ${offered.join(', ')}: register there and change authorization`,
    );
  }
}
