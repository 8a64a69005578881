import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SECRET_REFERENCE } from '@ai-orchestrator/core/plugin';

/** Whether a value of the configuration names a secret instead of being one. */
export function isSecretReference(value: string): boolean {
  return SECRET_REFERENCE.test(value);
}

/**
 * Reads a secret when it is needed, so that no configuration ever holds one. One line end at the end is not part of it.
 *
 * @param reference `file:/absolute/path`, `env:NAME`, or `credential:NAME` (systemd's LoadCredential)
 * @throws Error naming the reference and what is missing; never the secret
 */
export async function resolveSecret(reference: string, env: NodeJS.ProcessEnv): Promise<string> {
  const secret = (await read(reference, env)).replace(/\r?\n$/, '');
  if (secret === '') throw new Error(`${reference} is empty: a secret has to have at least one character`);
  return secret;
}

async function read(reference: string, env: NodeJS.ProcessEnv): Promise<string> {
  const [scheme, rest] = split(reference);
  if (scheme === 'env') {
    const value = env[rest];
    if (value === undefined) throw new Error(`${reference}: the environment has no ${rest}; set it for the daemon`);
    return value;
  }
  if (scheme === 'file') return readOr(rest, reference);
  const directory = env.CREDENTIALS_DIRECTORY;
  if (directory === undefined) {
    throw new Error(
      `${reference}: there is no $CREDENTIALS_DIRECTORY; start under systemd with LoadCredential=${rest}:PATH`,
    );
  }
  return readOr(join(directory, rest), reference);
}

function split(reference: string): [string, string] {
  if (!isSecretReference(reference))
    throw new Error('expected a secret reference: file:/path, env:NAME or credential:NAME');
  const colon = reference.indexOf(':');
  return [reference.slice(0, colon), reference.slice(colon + 1)];
}

async function readOr(path: string, reference: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new Error(`${reference} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
