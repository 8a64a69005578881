import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { OutboundDoor } from '../outbound/outbound-door.js';
import { fetchDocument, type Document } from './document.js';

const WELL_KNOWN = '/.well-known/oauth-protected-resource';

/** What a server says about who authorizes requests to it. */
export interface ProtectedResource {
  /** What its tokens are for [RFC 8707]. */
  readonly resource: string;
  /** Issuer identifiers, as written. */
  readonly authorizationServers: readonly string[];
  readonly scopes: readonly string[] | undefined;
}

/**
 * Finds a server's metadata: where its challenge says, else at the well-known places of its path and of its root [MCP authorization
 * server discovery; RFC 9728 §3].
 *
 * @param hint `resource_metadata` of the challenge
 * @returns undefined when it has none
 * @throws OrchestratorError `permission_denied` when the metadata is another server's or names no authorization server, and as
 *   {@link OutboundDoor.exchange}
 */
export async function findProtectedResource(
  door: OutboundDoor,
  server: URL,
  hint: string | undefined,
): Promise<ProtectedResource | undefined> {
  const path = server.pathname.replace(/\/$/, '');
  const places =
    hint !== undefined && URL.canParse(hint) ? [hint] : [WELL_KNOWN + path, ...(path === '' ? [] : [WELL_KNOWN])];
  for (const place of places) {
    const document = await fetchDocument(door, new URL(place, server.origin));
    if (document !== undefined) return checked(document, server);
  }
  return undefined;
}

/** The resource identifier of a server without metadata: its URL without fragment, and without the slash of an empty path. */
export function resourceOf(server: URL): string {
  const { origin, pathname, search } = server;
  return origin + (pathname === '/' ? '' : pathname) + search;
}

function checked(document: Document, server: URL): ProtectedResource {
  const resource = document.text('resource');
  if (resource === undefined || !covers(resource, server)) {
    throw new OrchestratorError(
      'permission_denied',
      `the metadata of ${server.href} is about another resource (${resource ?? 'none'}); nothing is authorized by it`,
    );
  }
  const authorizationServers = document.texts('authorization_servers') ?? [];
  if (authorizationServers.length === 0) {
    throw new OrchestratorError('permission_denied', `the metadata of ${server.href} names no authorization server`);
  }
  return { resource, authorizationServers, scopes: document.texts('scopes_supported') };
}

/** A resource identifier is the server's own URL, or a path above it at the same origin; never another origin's [RFC 9728 §3.3]. */
function covers(resource: string, server: URL): boolean {
  if (!URL.canParse(resource)) return false;
  const { origin, pathname, hash } = new URL(resource);
  const above = pathname.endsWith('/') ? pathname : `${pathname}/`;
  return origin === server.origin && hash === '' && `${server.pathname}/`.startsWith(above);
}
