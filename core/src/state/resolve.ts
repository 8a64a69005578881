import { events, OrchestratorError } from '@ai-orchestrator/protocol';
import type { Author } from './author.js';
import type { Draft } from './draft.js';
import { conflictOf } from './merge/read.js';
import { expectSeen } from './put.js';

/**
 * Ends a conflict with a value, or with none.
 *
 * @throws OrchestratorError `not_found` (there is no conflict), `conflict` (it has changed since), `invalid_params`, `limit_exceeded`
 */
export function resolve(
  draft: Draft,
  {
    field: name,
    text,
    revision,
  }: { readonly field: string; readonly text?: string | undefined; readonly revision: number },
  author: Author,
  time: string,
): { revision: number } {
  const field = draft.current(name);
  if (conflictOf(field).length === 0) {
    throw new OrchestratorError('not_found', `${name} has no conflict`, { resource: `field/${name}` });
  }
  const operation = text === undefined ? ({ type: 'delete' } as const) : ({ type: 'value', text } as const);
  expectSeen(name, field, revision, operation);
  draft.write(name, { operation, time, by: author.by });
  draft.events.push(author.draft(events.stateResolved, { fields: [name], revision: draft.revision }));
  return { revision: draft.revision };
}
