/**
 * Runs something again and again, never twice at a time: asked while it runs, it runs once more after that, however often it was
 * asked.
 *
 * @param run never rejects
 * @returns asks for a run
 */
export function oneAfterAnother(run: () => Promise<void>): () => void {
  let last = Promise.resolve();
  let waiting = false;
  return () => {
    if (waiting) return;
    waiting = true;
    last = last.then(() => {
      waiting = false;
      return run();
    });
  };
}
