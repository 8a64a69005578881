import type { Timers } from '@ai-orchestrator/core/plugin';
import type { OutboundDoor } from '../outbound/outbound-door.js';
import { atRevocation, findAuthorizationServer, type AuthorizationServer } from './authorization-server.js';
import { authenticated, type OAuthClient } from './client-authentication.js';
import type { ClientIdentity } from './client-identity.js';
import { Document } from './document.js';
import type { StoredTokens } from './stored-tokens.js';
import { errorCode } from './token-endpoint.js';

/** Tokens of so many callers are revoked at once. */
const AT_ONCE = 8;

/** Of why a token was not revoked, in the journal. */
const REASON_CHARACTERS = 300;

/** What became of the tokens of a server, each caller's counted once. */
export interface RevocationOutcome {
  readonly revoked: number;
  /** Given up: these end by themselves. */
  readonly unrevoked: number;
  /** Why the first of those was. */
  readonly reason?: string;
}

/** What {@link Revocations} work with. */
export interface RevocationParts {
  readonly door: (server: URL) => OutboundDoor;
  readonly identity: (door: OutboundDoor) => ClientIdentity;
  readonly timers: Timers;
  /** For all of them together. */
  readonly withinMs: number;
  /** The daemon goes away, and waits for none of them. */
  readonly stopping: AbortSignal;
}

/** Tells authorization servers, as far as they have a way to be told and answer in time, that tokens are not used any more [RFC 7009]. */
export class Revocations {
  readonly #doors = new Map<string, OutboundDoor>();
  readonly #servers = new Map<string, Promise<AuthorizationServer>>();
  /** Why there is no more time. */
  #late: string | undefined;

  constructor(private readonly parts: RevocationParts) {}

  /** Never throws: what cannot be revoked is counted. To be called once. */
  async revoke(tokens: readonly StoredTokens[]): Promise<RevocationOutcome> {
    const { timers, withinMs, stopping } = this.parts;
    const end = (why: string): void => {
      this.#late ??= why;
      void this.#closeDoors();
    };
    const deadline = timers.after(withinMs, () => end(`it took more than ${withinMs} ms (oauth.revocationMs)`));
    const stop = (): void => end('the daemon went away');
    stopping.addEventListener('abort', stop);
    if (stopping.aborted) stop();
    const reasons: string[] = [];
    const left = [...tokens];
    const work = async (): Promise<void> => {
      for (let one = left.shift(); one !== undefined; one = left.shift()) {
        await this.#revokeOne(one).catch((error: unknown) => void reasons.push(this.#why(error)));
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, tokens.length) }, work));
    deadline.cancel();
    stopping.removeEventListener('abort', stop);
    await this.#closeDoors();
    const [reason] = reasons;
    return {
      revoked: tokens.length - reasons.length,
      unrevoked: reasons.length,
      ...(reason !== undefined && { reason }),
    };
  }

  /** The refresh token first: with it other tokens of its grant end where the server sees to that [RFC 7009 §2.1]. */
  async #revokeOne({ server, issuer, clientId, refreshToken, accessToken }: StoredTokens): Promise<void> {
    if (this.#late !== undefined) throw new Error(this.#late);
    const door = this.#door(server);
    const authorizationServer = await this.#authorizationServer(door, issuer);
    const { revocationEndpoint } = authorizationServer;
    if (revocationEndpoint === undefined) throw new Error(`${issuer} has no revocation endpoint`);
    const client = await this.parts.identity(door).as(clientId, authorizationServer);
    const ask = (token: string, hint: string) =>
      requestRevocation(door, authorizationServer, revocationEndpoint, client, { token, token_type_hint: hint });
    const refused = await (refreshToken === undefined ? undefined : ask(refreshToken, 'refresh_token').catch(asError));
    // A server that does not take the one may take the other.
    await ask(accessToken, 'access_token');
    if (refused !== undefined) throw refused;
  }

  #door(server: string): OutboundDoor {
    const door = this.#doors.get(server) ?? this.parts.door(new URL(server));
    this.#doors.set(server, door);
    return door;
  }

  #authorizationServer(door: OutboundDoor, issuer: string): Promise<AuthorizationServer> {
    const found = this.#servers.get(issuer) ?? findAuthorizationServer(door, issuer).then(atRevocation);
    this.#servers.set(issuer, found);
    return found;
  }

  #why(error: unknown): string {
    // A stranger's metadata can be quoted in it.
    return this.#late ?? asError(error).message.slice(0, REASON_CHARACTERS);
  }

  async #closeDoors(): Promise<void> {
    await Promise.all([...this.#doors.values()].map((door) => door.close()));
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** @throws Error when it is not revoked; nothing of the token, and of the answer its error code only, is in it */
async function requestRevocation(
  door: OutboundDoor,
  server: AuthorizationServer,
  url: URL,
  client: OAuthClient,
  parameters: Readonly<Record<string, string>>,
): Promise<void> {
  const form = new URLSearchParams(parameters);
  const headers = await authenticated(form, client, server);
  const { status, text } = await door.exchange({ method: 'POST', url, headers, body: form.toString() });
  // A token that is good no more counts as revoked [RFC 7009 §2.2].
  if (status === 200) return;
  throw new Error(`${server.issuer} answered ${status} to a revocation: ${errorCode(Document.parse(text))}`);
}
