/**
 * Runs something again and again, never twice at a time: asked while it runs, it runs once more after that, however often it was
 * asked.
 *
 * @param run never rejects
 * @returns asks for a run
 */
export function oneAfterAnother(run: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const runAll = async (): Promise<void> => {
    running = true;
    do {
      again = false;
      await run();
    } while (again);
    running = false;
  };
  return () => {
    if (running) again = true;
    else void runAll();
  };
}
