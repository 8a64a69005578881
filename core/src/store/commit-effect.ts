import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Effect } from './effects.js';
import type { Commit, CommitResult, Store } from './store.js';

/** Commits, and answers the revision. @throws OrchestratorError `conflict` naming the key when a check does not hold */
export function commitEffect(store: Store, commit: Commit): Promise<number> {
  return store.commit(commit).then(revisionOf);
}

function revisionOf(result: CommitResult): number {
  if (result.committed) return result.revision;
  throw new OrchestratorError('conflict', `${result.conflict.key} was changed meanwhile; try again`, {
    resource: result.conflict.key,
  });
}

/** An effect whose answer nobody asks for again. */
export function directEffect(store: Store): Effect {
  return { commit: (commit) => commitEffect(store, commit), kept: () => ({}) };
}
