import type { Log } from '@ai-orchestrator/core/plugin';

/** What has to be closed again, last opened first; each is closed also when another cannot be. */
export class UndoStack {
  readonly #steps: { readonly name: string; readonly undo: () => void | Promise<void> }[] = [];

  constructor(private readonly log: Log) {}

  /** @param name for the log, when it fails */
  push(name: string, undo: () => void | Promise<void>): void {
    this.#steps.push({ name, undo });
  }

  /** Closes everything; answers whether all of it went well. Never rejects. */
  async run(): Promise<boolean> {
    let clean = true;
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step.undo();
      } catch (error) {
        clean = false;
        this.log.error({ err: error, step: step.name }, 'a step of the stop failed');
      }
    }
    return clean;
  }
}
