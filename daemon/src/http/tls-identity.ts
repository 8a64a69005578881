import { readFile } from 'node:fs/promises';
import { resolveSecret } from '../config/secret.js';
import type { TlsIdentity } from './http-listener.js';

/**
 * Reads certificate and key, and checks that they belong together; nothing where none are configured.
 *
 * @throws Error naming the key of the configuration; never the private key
 */
export async function readTlsIdentity(
  tls: { readonly cert: string | undefined; readonly key: string | undefined },
  env: NodeJS.ProcessEnv,
): Promise<TlsIdentity | undefined> {
  if (tls.cert === undefined || tls.key === undefined) return undefined;
  const { createSecureContext } = await import('node:tls');
  try {
    const identity = { cert: await readFile(tls.cert, 'utf8'), key: await resolveSecret(tls.key, env) };
    createSecureContext(identity);
    return identity;
  } catch (cause) {
    throw new Error(`http.tls cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
