import type { Timer, Timers } from '@ai-orchestrator/core/plugin';
import { closeSync, openSync } from 'node:fs';

const LOOK_EVERY_MS = 500;

/** What stops taking connections. */
export interface Acceptor {
  pause(reason: string): void;
  resume(): void;
}

/**
 * Watches whether the process can open one more file. Connections keep a reserve free, but plugins and the store open files too; without
 * any left the kernel's queue would be emptied unanswered and nobody would be told, because accepting fails below this runtime.
 */
export class OpenFilesWatch {
  readonly #timer: Timer;
  #exhausted = false;

  /** @param probe opens a file and closes it again; throws with code EMFILE or ENFILE when that cannot be done */
  constructor(
    timers: Timers,
    private readonly acceptor: Acceptor,
    private readonly probe: () => void = openAndClose,
  ) {
    this.#timer = timers.every(LOOK_EVERY_MS, () => this.#look());
  }

  /** Ends the watch. */
  close(): void {
    this.#timer.cancel();
  }

  #look(): void {
    const code = this.#failure();
    if (code !== undefined && !this.#exhausted) this.acceptor.pause(`no file can be opened (${code})`);
    if (code === undefined && this.#exhausted) this.acceptor.resume();
    this.#exhausted = code !== undefined;
  }

  #failure(): string | undefined {
    try {
      this.probe();
      return undefined;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Where there is no such device nothing is learnt, so nothing is refused.
      return code === 'EMFILE' || code === 'ENFILE' ? code : undefined;
    }
  }
}

function openAndClose(): void {
  closeSync(openSync('/dev/null', 'r'));
}
