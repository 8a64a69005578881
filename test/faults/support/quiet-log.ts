import type { Log } from '@ai-orchestrator/core/plugin';

const quiet = (): void => undefined;

/** A log that goes nowhere. */
export const quietLog: Log = {
  trace: quiet,
  debug: quiet,
  info: quiet,
  warn: quiet,
  error: quiet,
  fatal: quiet,
  child: () => quietLog,
};
