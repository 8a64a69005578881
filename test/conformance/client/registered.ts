import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The gateway's authorization for a client that the suite says was registered beforehand; undefined for all others. */
export async function registered(
  server: string,
  scenario: string,
  context: Readonly<Record<string, unknown>>,
  folder: string,
): Promise<object | undefined> {
  const { client_id: clientId, client_secret: secret, private_key_pem: key } = context;
  const kept = secret ?? key;
  if (typeof clientId !== 'string' || typeof kept !== 'string') return undefined;
  // Whom it was registered at is for who configures it to know; here the server says it [RFC 9728].
  const { origin, pathname } = new URL(server);
  const metadata = await fetch(`${origin}/.well-known/oauth-protected-resource${pathname}`);
  const { authorization_servers: issuers } = (await metadata.json()) as { authorization_servers: readonly string[] };
  const file = join(folder, 'secret');
  await writeFile(file, kept, { mode: 0o600 });
  return {
    issuer: issuers[0],
    clientId,
    [secret === undefined ? 'clientKey' : 'clientSecret']: `file:${file}`,
    // Only its name says that a scenario is without a person.
    ...(scenario.startsWith('auth/client-credentials-') && { grant: 'client_credentials' }),
  };
}
