import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { OutboundDoor } from '../outbound/outbound-door.js';
import { fetchDocument, secureUrl, type Document } from './document.js';

/** What an authorization server says about itself [RFC 8414 §2]. */
export interface AuthorizationServer {
  /** Exactly as it writes it: what `iss` is compared to, and credentials are kept by. */
  readonly issuer: string;
  readonly authorizationEndpoint: URL | undefined;
  readonly tokenEndpoint: URL;
  readonly registrationEndpoint: URL | undefined;
  readonly revocationEndpoint: URL | undefined;
  readonly jwksUri: URL | undefined;
  readonly scopes: readonly string[];
  readonly codeChallengeMethods: readonly string[];
  readonly tokenAuthMethods: readonly string[];
  /** That signed assertions can be of; `undefined` when it does not say. */
  readonly assertionAlgorithms: readonly string[] | undefined;
  /** The same of the revocation endpoint; `undefined` when it does not say. */
  readonly revocationAuthMethods: readonly string[] | undefined;
  readonly revocationAlgorithms: readonly string[] | undefined;
  readonly takesMetadataDocuments: boolean;
  readonly answersWithIssuer: boolean;
}

/**
 * Finds the metadata of an issuer at the well-known places, in the order of the specification [MCP authorization server metadata
 * discovery], and believes it only when it names the very issuer that was asked for [RFC 8414 §3.3].
 *
 * @throws OrchestratorError `permission_denied` when it is another issuer's or has no usable endpoints, `not_found` when there is
 *   none, and as {@link OutboundDoor.exchange}
 */
export async function findAuthorizationServer(door: OutboundDoor, issuer: string): Promise<AuthorizationServer> {
  const url = secureUrl(issuer);
  if (url === undefined) throw refused(issuer, 'it is not https');
  const path = url.pathname.replace(/\/$/, '');
  const places = [
    `/.well-known/oauth-authorization-server${path}`,
    `/.well-known/openid-configuration${path}`,
    ...(path === '' ? [] : [`${path}/.well-known/openid-configuration`]),
  ];
  for (const place of places) {
    const document = await fetchDocument(door, new URL(place, url.origin));
    if (document !== undefined) return checked(document, issuer);
  }
  throw new OrchestratorError('not_found', `the authorization server ${issuer} has no metadata`, { resource: issuer });
}

/**
 * An authorization server as its revocation endpoint takes clients. One that does not say is taken to want there what works at its token endpoint,
 * though RFC 8414 §2 would have `client_secret_basic` alone.
 */
export function atRevocation(server: AuthorizationServer): AuthorizationServer {
  const { tokenAuthMethods, assertionAlgorithms, revocationAuthMethods, revocationAlgorithms } = server;
  return {
    ...server,
    tokenAuthMethods: revocationAuthMethods ?? tokenAuthMethods,
    assertionAlgorithms: revocationAlgorithms ?? assertionAlgorithms,
  };
}

function checked(document: Document, issuer: string): AuthorizationServer {
  const said = document.text('issuer');
  if (said !== issuer) throw refused(issuer, `its metadata is that of ${said ?? 'nobody'}`);
  const tokenEndpoint = secureUrl(document.text('token_endpoint'));
  if (tokenEndpoint === undefined) throw refused(issuer, 'its token endpoint is none, or without TLS');
  return {
    issuer,
    tokenEndpoint,
    authorizationEndpoint: secureUrl(document.text('authorization_endpoint')),
    registrationEndpoint: secureUrl(document.text('registration_endpoint')),
    revocationEndpoint: secureUrl(document.text('revocation_endpoint')),
    jwksUri: secureUrl(document.text('jwks_uri')),
    scopes: document.texts('scopes_supported') ?? [],
    codeChallengeMethods: document.texts('code_challenge_methods_supported') ?? [],
    tokenAuthMethods: document.texts('token_endpoint_auth_methods_supported') ?? ['client_secret_basic'],
    assertionAlgorithms: document.texts('token_endpoint_auth_signing_alg_values_supported'),
    revocationAuthMethods: document.texts('revocation_endpoint_auth_methods_supported'),
    revocationAlgorithms: document.texts('revocation_endpoint_auth_signing_alg_values_supported'),
    takesMetadataDocuments: document.flag('client_id_metadata_document_supported'),
    answersWithIssuer: document.flag('authorization_response_iss_parameter_supported'),
  };
}

function refused(issuer: string, why: string): OrchestratorError {
  return new OrchestratorError('permission_denied', `the authorization server ${issuer} cannot be used: ${why}`);
}
