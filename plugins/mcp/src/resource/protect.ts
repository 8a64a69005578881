import type { Authorizer, Http, HttpMount } from '@ai-orchestrator/core/plugin';
import type { OutboundSettings } from '../outbound/outbound-settings.js';
import type { AccessSettings } from './access-settings.js';
import type { AccessServices } from './open-access.js';
import { ProtectedResourceMetadata } from './protected-resource-metadata.js';

/** What protecting /mcp needs. */
export interface ProtectionServices extends AccessServices {
  readonly authorizer: Authorizer;
  readonly http: Http;
}

/**
 * Lets access tokens of the configured issuers open /mcp, and says so to clients.
 *
 * @returns what those are told whom /mcp is refused
 */
export async function protect(
  settings: AccessSettings,
  outbound: Required<OutboundSettings>,
  publicUrl: () => string,
  services: ProtectionServices,
  defer: (close: () => void | Promise<void>) => void,
): Promise<NonNullable<HttpMount['challenge']>> {
  const { openAccess } = await import('./open-access.js');
  const opened = openAccess(settings, outbound, publicUrl, services);
  defer(() => opened.close());
  defer(services.authentication.addScheme(opened.scheme));
  const metadata = new ProtectedResourceMetadata(settings, publicUrl, services.authorizer);
  defer(services.http.mount(metadata.mount()));
  return metadata.challenge;
}
