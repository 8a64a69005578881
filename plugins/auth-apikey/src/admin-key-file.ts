import { chmod, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The file that holds the admin's key for the local command line, 0600. A new key is staged beside it, synced, before the store
 * commits its hash, and takes the file's name after: a power cut in between leaves a staged file that the next start completes or drops.
 */
export class AdminKeyFile {
  readonly path: string;
  readonly #staged: string;

  constructor(private readonly directory: string) {
    this.path = join(directory, 'admin.key');
    this.#staged = join(directory, 'admin.key.new');
  }

  /** Its key without the line's end, or `undefined` when there is no file. */
  read(): Promise<string | undefined> {
    return read(this.path);
  }

  /** Writes a key that the store does not know yet. */
  async stage(secret: string): Promise<void> {
    await rm(this.#staged, { force: true });
    const file = await open(this.#staged, 'wx', 0o600);
    try {
      // The umask may have taken bits away, and must not have left more.
      await file.chmod(0o600);
      await file.writeFile(`${secret}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await this.#syncDirectory();
  }

  /** The store knows the staged key: it takes the place of the one before. */
  async publish(): Promise<void> {
    await rename(this.#staged, this.path);
    await this.#syncDirectory();
  }

  /** Completes or drops what an interruption left staged. */
  async recover(isKnown: (secret: string) => boolean): Promise<void> {
    const secret = await read(this.#staged);
    if (secret === undefined) return;
    if (isKnown(secret)) await this.publish();
    else await rm(this.#staged, { force: true });
  }

  /** Takes the file away from everybody but its owner; answers whether somebody else could read it. */
  async tighten(): Promise<boolean> {
    const { mode } = await stat(this.path);
    if ((mode & 0o077) === 0) return false;
    await chmod(this.path, 0o600);
    return true;
  }

  async #syncDirectory(): Promise<void> {
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }
}

async function read(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
