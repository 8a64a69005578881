import { BootError } from '@ai-orchestrator/core';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { ExitCodeName } from './exit-codes.js';
import { ListenError } from './http/listen-error.js';

/** Why a daemon did not start, for the command line. */
export interface StartFailure {
  readonly exit: ExitCodeName;
  readonly message: string;
}

/** Which exit code an error of the start has; what it does not know is a `failure`. */
export function startFailure(error: unknown): StartFailure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof ListenError) return { exit: error.inUse ? 'port_in_use' : 'failure', message };
  const ours = causes(error).find((cause) => cause instanceof OrchestratorError);
  if (ours?.data.reason === 'store_locked') return { exit: 'locked', message };
  if (ours?.errorName.startsWith('storage_') === true) return { exit: 'storage', message };
  return { exit: error instanceof BootError ? 'plugin_failed' : 'failure', message };
}

function causes(error: unknown): readonly Error[] {
  const chain: Error[] = [];
  for (let cause = error; cause instanceof Error && chain.length < 8; cause = cause.cause) chain.push(cause);
  return chain;
}
