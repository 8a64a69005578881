import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log, Random } from '@ai-orchestrator/core/plugin';

const KEY_BYTES = 32;
/** Where the key of credentials is. */
const FILE = 'mcp-credentials.key';

/**
 * The key that credentials of servers are sealed with: 256 random bits in a file of the data directory, 0600. Without the file what is
 * sealed stays sealed, and people have to authorize again.
 *
 * @param file another one, for what is sealed with a key of its own
 * @throws Error when the file is there and holds no key
 */
export async function vaultKey(directory: string, random: Random, log: Log, file = FILE): Promise<Buffer> {
  const path = join(directory, file);
  const text = await read(path);
  if (text === undefined) return create(directory, path, random.bytes(KEY_BYTES));
  const key = Buffer.from(text, 'base64url');
  if (key.length !== KEY_BYTES) {
    throw new Error(
      `${path} holds no key of ${KEY_BYTES} bytes; put the right one back, or remove it, and with it what it sealed: authorize at each server again`,
    );
  }
  if (((await stat(path)).mode & 0o077) !== 0) {
    await chmod(path, 0o600);
    log.warn({ path }, 'others could read this key; it is 0600 again');
  }
  return key;
}

async function create(directory: string, path: string, key: Buffer): Promise<Buffer> {
  const staged = `${path}.new`;
  await rm(staged, { force: true });
  const file = await open(staged, 'wx', 0o600);
  try {
    await file.writeFile(`${key.toString('base64url')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(staged, path);
  const folder = await open(directory, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  return key;
}

async function read(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
