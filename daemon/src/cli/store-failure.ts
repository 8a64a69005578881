import { CommandFailure } from './command-failure.js';

/** What a command says when a store that no daemon should be using cannot be opened. */
export function storeFailure(error: unknown): unknown {
  if (!(error instanceof Error) || error.name !== 'OrchestratorError') return error;
  const { data } = error as Error & { readonly data: Readonly<Record<string, unknown>> };
  const locked = data.reason === 'store_locked';
  return new CommandFailure(
    locked ? 'locked' : 'storage',
    `${error.message}.`,
    locked ? 'Stop the daemon first, or ask it: "orchestrator doctor" verifies a running one.' : undefined,
    { name: data.name, data },
    { cause: error },
  );
}
