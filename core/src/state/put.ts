import { events } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import type { Author } from './author.js';
import { conflict } from './draft.js';
import type { Draft } from './draft.js';
import type { Field, Merge, Operation } from './merge/field.js';
import { textOf } from './merge/read.js';

/** One write of a field by who is connected. */
export interface Put {
  readonly field: string;
  readonly operation: Operation;
  /** The field must have this revision; 0: must not be there. */
  readonly revision?: number | undefined;
  /** The document's revision that the writer knew; all of it unless said. */
  readonly base?: number | undefined;
}

/**
 * Writes a field.
 *
 * @param time hybrid time of the write
 * @throws OrchestratorError `conflict`, `invalid_params`, `limit_exceeded`
 */
export function put(
  draft: Draft,
  { field, operation, revision, base }: Put,
  author: Author,
  time: string,
): { revision: number; outcome: Exclude<Merge['outcome'], 'refused'> } {
  if (revision !== undefined) expectRevision(field, draft.current(field), revision, operation);
  const known = revision === undefined ? base : draft.revision;
  const outcome = draft.write(field, { operation, time, by: author.by, base: known });
  const contentHash = operation.type === 'value' ? hash('sha256', operation.text, 'hex') : undefined;
  draft.events.push(author.written(field, draft.revision, outcome, contentHash));
  if (outcome === 'conflict') {
    draft.events.push(author.draft(events.stateConflicted, { fields: [field], revision: draft.revision }));
  }
  return { revision: draft.revision, outcome };
}

/** @throws OrchestratorError `conflict` with what is there and what was to be */
export function expectRevision(name: string, field: Field, wanted: number, operation?: Operation): void {
  if (wanted === 0 && textOf(field) === undefined) return;
  expectSeen(name, field, wanted, operation);
}

/** @throws OrchestratorError `conflict` with what is there and what was to be */
export function expectSeen(name: string, field: Field, wanted: number, operation?: Operation): void {
  if (wanted === field.revision) return;
  const found = textOf(field) === undefined ? 'it is not there' : `it has revision ${String(field.revision)}`;
  throw conflict(name, field, operation, `it should have revision ${String(wanted)}, and ${found}`);
}
