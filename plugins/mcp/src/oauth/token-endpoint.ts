import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { OutboundDoor } from '../outbound/outbound-door.js';
import type { AuthorizationServer } from './authorization-server.js';
import { scopesOf } from './challenge.js';
import { authenticated, type OAuthClient } from './client-authentication.js';
import { Document } from './document.js';

/** What a token endpoint gave. */
export interface GrantedTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  /** Seconds. */
  readonly expiresIn?: number;
  readonly scopes?: readonly string[];
}

/** The authorization server said no; its own error code, nothing else of its answer [RFC 6749 §5.2]. */
export class GrantRefused extends Error {
  /** @param code for example `invalid_grant` */
  constructor(
    readonly code: string,
    issuer: string,
  ) {
    super(`${issuer} refused: ${code}`);
  }
}

/**
 * Asks for tokens [OAuth 2.1 §3.2]; follows no redirect.
 *
 * @throws GrantRefused, OrchestratorError `unavailable` when the answer is none, and as {@link OutboundDoor.exchange}
 */
export async function requestTokens(
  door: OutboundDoor,
  server: AuthorizationServer,
  client: OAuthClient,
  parameters: Readonly<Record<string, string>>,
): Promise<GrantedTokens> {
  const form = new URLSearchParams(parameters);
  const headers = await authenticated(form, client, server);
  const answer = await door.exchange({ method: 'POST', url: server.tokenEndpoint, headers, body: form.toString() });
  const document = Document.parse(answer.text);
  if (answer.status >= 400 && answer.status < 500) throw new GrantRefused(errorCode(document), server.issuer);
  const accessToken = document?.text('access_token');
  const bearer = document?.text('token_type')?.toLowerCase() === 'bearer';
  if (answer.status !== 200 || !bearer || accessToken === undefined || !/^[\x21-\x7e]+$/.test(accessToken)) {
    throw new OrchestratorError('unavailable', `${server.issuer} answered ${answer.status} with no bearer token`);
  }
  const refreshToken = document.text('refresh_token');
  const expiresIn = document.number('expires_in');
  const scope = document.text('scope');
  return {
    accessToken,
    ...(refreshToken !== undefined && { refreshToken }),
    ...(expiresIn !== undefined && { expiresIn: Math.max(0, expiresIn) }),
    ...(scope !== undefined && { scopes: scopesOf(scope) }),
  };
}

/** An error code of somebody else, fit to be shown. */
export function errorCode(document: Document | undefined): string {
  const code = document?.text('error') ?? '';
  return /^[a-z_]{1,64}$/.test(code) ? code : 'an unknown error';
}
