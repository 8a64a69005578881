import type { Timer, Timers } from '@ai-orchestrator/core/plugin';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { isCode } from './durable-file.js';
import type { Position } from './frame.js';
import { openStored, storedValue } from './stored-value.js';

const BYTES = 256;
const PADDING = Buffer.alloc(BYTES, ' ');
const NAME = 'high-water';
/** Milliseconds that a mark waits, so as to stay out of the way of the next sync. */
const DELAY_MS = 20;

/**
 * The last position that was durable, in a file of its own: a second witness, so that a log or an index that lost its end is noticed. It
 * is not synced: it may be behind after a power cut, never ahead.
 */
export class HighWaterFile {
  readonly #file: FileHandle;
  readonly #timers: Timers;
  readonly #failed: (error: unknown) => void;
  #timer: Timer | undefined;
  #next: Position | undefined;
  #writing: Promise<void> | undefined;

  private constructor(file: FileHandle, timers: Timers, failed: (error: unknown) => void) {
    this.#file = file;
    this.#timers = timers;
    this.#failed = failed;
  }

  static async open(path: string, timers: Timers, failed: (error: unknown) => void): Promise<HighWaterFile> {
    const file = await open(path, 'r+').catch((error: unknown) => {
      if (isCode(error, 'ENOENT')) return open(path, 'w+', 0o600);
      throw error;
    });
    return new HighWaterFile(file, timers, failed);
  }

  /** Remembers a position; of several within {@link DELAY_MS}, the last. */
  set(position: Position): void {
    this.#next = position;
    this.#timer ??= this.#timers.after(DELAY_MS, () => {
      this.#timer = undefined;
      this.#writing ??= this.#write();
    });
  }

  async close(): Promise<void> {
    this.#timer?.cancel();
    await this.#writing;
    await this.#write();
    await this.#file.sync();
    await this.#file.close();
  }

  async #write(): Promise<void> {
    try {
      while (this.#next !== undefined) {
        const stored = storedValue(NAME, this.#next.revision, JSON.stringify(this.#next));
        this.#next = undefined;
        await this.#file.write(Buffer.concat([stored, PADDING], BYTES), 0, BYTES, 0);
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
  let stored;
  try {
    stored = await readFile(path);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  try {
    return JSON.parse(openStored(NAME, withoutPadding(stored)).json) as Position;
  } catch {
    // Torn by a power cut: the log and the index are the other witnesses.
    return undefined;
  }
}

function withoutPadding(stored: Buffer): Buffer {
  return stored.subarray(0, stored.lastIndexOf('}') + 1);
}
