import { DAEMON } from '@ai-orchestrator/core/plugin';

/** Whom no key can stand for. */
export const RESERVED_PRINCIPAL = DAEMON.id;

const MAX = 100;
const SUFFIX = 12;

/**
 * A principal named after its key that nobody has yet.
 *
 * @param keyId gives the name when there is no letter or digit to take, and tells it apart when it is taken
 */
export function newPrincipal(keyName: string, keyId: string, taken: ReadonlySet<string>): string {
  const name = keyName
    .normalize('NFKD')
    .replace(/[^a-zA-Z0-9._-]+/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, MAX)
    .replace(/[^a-zA-Z0-9]+$/, '');
  if (name === '') return keyId;
  return taken.has(name) ? `${name}-${keyId.slice(-SUFFIX)}` : name;
}
