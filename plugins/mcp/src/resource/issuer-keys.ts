import type { Clock } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { findAuthorizationServer } from '../oauth/authorization-server.js';
import type { OutboundDoor } from '../outbound/outbound-door.js';
import type { AccessLimits, IssuerSettings } from './access-settings.js';

/** Keys of one authorization server, fetched when they are first needed, and again when they are old or a token names another. */
export class IssuerKeys {
  #keys: Promise<JWTVerifyGetKey> | undefined;
  #retryAt = -Infinity;

  constructor(
    private readonly settings: IssuerSettings,
    private readonly door: OutboundDoor,
    private readonly clock: Clock,
    private readonly limits: Pick<AccessLimits, 'keysMs' | 'keysCooldownMs'>,
  ) {}

  /** @throws OrchestratorError `unavailable` when nobody says where they are */
  get(): Promise<JWTVerifyGetKey> {
    if (this.#keys !== undefined) return this.#keys;
    if (this.clock.monotonicMs() < this.#retryAt) return Promise.reject(this.#unavailable());
    this.#retryAt = this.clock.monotonicMs() + this.limits.keysCooldownMs;
    return (this.#keys = this.#find().catch((error: unknown) => {
      this.#keys = undefined;
      throw this.#unavailable(error);
    }));
  }

  async #find(): Promise<JWTVerifyGetKey> {
    const { issuer, jwksUri } = this.settings;
    const url = jwksUri === undefined ? (await findAuthorizationServer(this.door, issuer)).jwksUri : new URL(jwksUri);
    if (url === undefined) throw new Error(`the metadata of ${issuer} names no keys; set jwksUri`);
    return createRemoteJWKSet(url, {
      cacheMaxAge: this.limits.keysMs,
      cooldownDuration: this.limits.keysCooldownMs,
      [customFetch]: async (from) => {
        try {
          const { status, text } = await this.door.exchange({ method: 'GET', url: new URL(from) });
          return new Response(text, { status });
        } catch (error) {
          throw this.#unavailable(error);
        }
      },
    });
  }

  #unavailable(cause?: unknown): OrchestratorError {
    const data = { retryAfterMs: this.limits.keysCooldownMs };
    return new OrchestratorError('unavailable', 'the keys of the token’s issuer cannot be had now', data, { cause });
  }
}
