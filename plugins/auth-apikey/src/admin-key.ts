import { DAEMON } from '@ai-orchestrator/core/plugin';
import type { Clock, EventDraft, Log, Random, Store } from '@ai-orchestrator/core/plugin';
import { events } from '@ai-orchestrator/protocol';
import { AdminKeyFile } from './admin-key-file.js';
import type { KeyRing } from './key-ring.js';
import { hashOf, newSecret, weakness } from './secret.js';
import { fromJson, keyPath, toJson } from './stored-key.js';
import type { StoredKey } from './stored-key.js';

/** Id of the first key. */
export const ADMIN_KEY_ID = 'admin';

const PATH = keyPath(ADMIN_KEY_ID);
const LOST = 'stop the daemon and run "orchestrator keys reset-admin" to make a new one';

/**
 * Sees to it that there is an admin key, and that its file is whole whenever the power went: made at the first start, or taken from
 * the file where somebody put one there before.
 *
 * @throws Error naming the file when it holds something that cannot be a key
 */
export async function ensureAdminKey(
  store: Store,
  ring: KeyRing,
  file: AdminKeyFile,
  clock: Clock,
  random: Random,
  log: Log,
): Promise<void> {
  await file.recover((secret) => ring.belongs(secret, ADMIN_KEY_ID));
  const kept = await file.read();
  if (ring.get(ADMIN_KEY_ID) === undefined) await makeFirst(store, ring, file, kept, clock, random, log);
  else if (kept === undefined) log.warn({ file: file.path }, `the admin key's file is missing: ${LOST}`);
  else if (!ring.belongs(kept, ADMIN_KEY_ID))
    log.warn({ file: file.path }, `the admin key's file holds another key: ${LOST}`);
  if ((await file.read()) !== undefined && (await file.tighten())) {
    log.warn(
      { file: file.path },
      'others could read the admin key; they cannot now. Rotate it: orchestrator keys rotate admin',
    );
  }
}

async function makeFirst(
  store: Store,
  ring: KeyRing,
  file: AdminKeyFile,
  kept: string | undefined,
  clock: Clock,
  random: Random,
  log: Log,
): Promise<void> {
  const wrong = kept === undefined ? undefined : weakness(kept);
  if (wrong !== undefined)
    throw new Error(`${file.path} holds no key: ${wrong}. Remove it; the next start makes a new one`);
  const secret = kept ?? newSecret(random);
  if (kept === undefined) await file.stage(secret);
  const key = adminKey(undefined, secret, clock.now());
  const result = await store.commit({
    checks: [{ key: PATH, revision: 0 }],
    puts: [{ key: PATH, value: toJson(key) }],
    events: [created(key)],
  });
  if (result.committed) {
    ring.put(key, result.revision);
    if (kept === undefined) await file.publish();
    log.info({ file: file.path }, 'made the first admin key');
    return;
  }
  // Another node that shares the store was first; its file has the key.
  await file.recover(() => false);
  await ring.load(store);
}

/**
 * Replaces a lost admin key, with its file, and brings it back where it was revoked. Only with the daemon stopped: whoever has the
 * store open and may write to the data directory may do it.
 *
 * @param options `dataDirectory`: absolute path
 * @returns where the new key is
 */
export async function resetAdminKey(options: {
  store: Store;
  dataDirectory: string;
  clock: Clock;
  random: Random;
}): Promise<{ path: string }> {
  const { store, clock, random } = options;
  const file = new AdminKeyFile(options.dataDirectory);
  const entry = await store.get(PATH);
  const secret = newSecret(random);
  await file.stage(secret);
  const key = adminKey(entry && fromJson(entry.value), secret, clock.now());
  const result = await store.commit({
    checks: [{ key: PATH, revision: entry?.revision ?? 0 }],
    puts: [{ key: PATH, value: toJson(key) }],
    events: [entry === undefined ? created(key) : rotated()],
  });
  if (!result.committed)
    throw new Error('the admin key was changed meanwhile: stop every daemon that uses this store, then try again');
  await file.publish();
  return { path: file.path };
}

function adminKey(before: StoredKey | undefined, secret: string, now: number): StoredKey {
  const generation = (before?.generation ?? 0) + 1;
  return {
    keyId: ADMIN_KEY_ID,
    name: 'first admin key',
    principal: 'admin',
    kind: 'user',
    roles: ['admin'],
    createdAt: before?.createdAt ?? now,
    createdBy: DAEMON.id,
    generation,
    secrets: [{ generation, hash: hashOf(secret) }],
  };
}

function created({ keyId, principal, roles }: StoredKey): EventDraft {
  return {
    action: events.keyCreated.name,
    resource: PATH,
    principal: DAEMON.id,
    details: { keyId, principal, roles },
  };
}

function rotated(): EventDraft {
  return { action: events.keyRotated.name, resource: PATH, principal: DAEMON.id, details: { keyId: ADMIN_KEY_ID } };
}
