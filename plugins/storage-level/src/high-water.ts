import { open, readFile, type FileHandle } from 'node:fs/promises';
import { isCode } from './durable-file.js';
import type { Position } from './frame.js';
import { openStored, storedValue } from './stored-value.js';

const BYTES = 256;
const NAME = 'high-water';

/**
 * The last position that was durable, in a file of its own: a second witness, so that a log or an index that lost its end is noticed. It
 * is not synced: it may be behind after a power cut, never ahead.
 */
export class HighWaterFile {
  readonly #file: FileHandle;
  readonly #failed: (error: unknown) => void;
  #next: Position | undefined;
  #writing: Promise<void> | undefined;

  private constructor(file: FileHandle, failed: (error: unknown) => void) {
    this.#file = file;
    this.#failed = failed;
  }

  static async open(path: string, failed: (error: unknown) => void): Promise<HighWaterFile> {
    const file = await open(path, 'r+').catch((error: unknown) => {
      if (isCode(error, 'ENOENT')) return open(path, 'w+', 0o600);
      throw error;
    });
    return new HighWaterFile(file, failed);
  }

  /** Remembers a position; of several that come while one is being written, the last. */
  set(position: Position): void {
    this.#next = position;
    this.#writing ??= this.#write();
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file.sync();
    await this.#file.close();
  }

  async #write(): Promise<void> {
    try {
      while (this.#next !== undefined) {
        const text = storedValue(NAME, this.#next.revision, JSON.stringify(this.#next));
        this.#next = undefined;
        await this.#file.write(text.padEnd(BYTES), 0);
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#writing = undefined;
    }
  }
}

/** The position in a high-water file; undefined when the file is missing, empty or torn. */
export async function readHighWater(path: string): Promise<Position | undefined> {
  let text;
  try {
    text = (await readFile(path, 'utf8')).trimEnd();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return JSON.parse(openStored(NAME, text).json) as Position;
  } catch {
    // Torn by a power cut: the log and the index are the other witnesses.
    return undefined;
  }
}
