import { events, OrchestratorError, replicaOf } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, HybridClock, ResultOf, stateMethods } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import { named } from './author.js';
import type { Author } from './author.js';
import type { Draft } from './draft.js';
import type { Operation } from './merge/field.js';
import { invalid, operationOf } from './operation.js';
import { replicaName } from './view.js';

type Params = HandlerParamsOf<typeof stateMethods.stateSync>;
/** What became of one change. */
export type SyncedChange = ResultOf<typeof stateMethods.stateSync>['changes'][number];

/** One change that a replica made on its own. */
interface ReplicaChange {
  readonly field: string;
  readonly operation: Operation;
  /** The document's revision that it knew. */
  readonly base: number;
  /** Hybrid time of the replica. */
  readonly time: string;
}

/** What a replica brings. */
export interface Sync {
  readonly replica: string;
  readonly changes: readonly ReplicaChange[];
  /** sha256 of the changes, hex. */
  readonly contentHash: string;
}

/**
 * Reads what a replica brings.
 *
 * @param most changes that are taken at once
 * @throws OrchestratorError `invalid_params`, `limit_exceeded`
 */
export function syncOf({ replica, changes }: Params, most: number): Sync {
  if (changes.length > most) {
    throw new OrchestratorError(
      'limit_exceeded',
      `at most ${String(most)} changes at once; send the others after them`,
      {
        limit: 'state.syncChanges',
        value: most,
      },
    );
  }
  let last = '';
  const read = changes.map((change, i) => {
    const { field, base, time } = change;
    const at = `/changes/${String(i)}`;
    if (replicaOf(time) !== replica) throw invalid(`${at}/time`, 'must be of this replica');
    if (time <= last) throw invalid(`${at}/time`, 'must be later than that of the change before');
    last = time;
    const text = 'value' in change ? JSON.stringify(change.value) : undefined;
    return { field, base, time, operation: operationOf(change, text, at) };
  });
  return { replica, changes: read, contentHash: hash('sha256', JSON.stringify(changes), 'hex') };
}

/**
 * Merges what a replica changed on its own. Each change counts once however often it comes, and each is refused alone; what became of
 * them is kept with them, so that a repeated synchronisation answers the same.
 */
export function sync(
  draft: Draft,
  { replica, changes, contentHash }: Sync,
  author: Author,
  clock: HybridClock,
): SyncedChange[] {
  const { by } = author;
  const name = replicaName({ by, replica });
  const known = draft.replica(name);
  // Of a replica that was forgotten nobody can tell what counted.
  const counted = known?.time ?? draft.replicaFloor;
  const before = new Map((known?.results ?? []).map((text) => [timeIn(text), text]));
  const results: SyncedChange[] = [];
  const merged: ReplicaChange[] = [];
  for (const change of changes) {
    const { field, time } = change;
    if (time > counted) {
      results.push({ field, time, ...taken(draft, change, replica, by, clock) });
      merged.push(change);
    } else if (known === undefined) results.push({ field, time, outcome: 'refused', error: 'cursor_expired' });
    else results.push({ field, time, ...readResult(before.get(time)) });
  }
  const latest = merged.at(-1);
  if (latest === undefined) return results;
  draft.remember({ by, replica, time: latest.time, results: results.map(resultText), storedAt: known?.storedAt ?? 0 });
  tell(draft, author, replica, results.slice(-merged.length), contentHash);
  return results;
}

function taken(
  draft: Draft,
  { operation, base, time, field }: ReplicaChange,
  replica: string,
  by: string,
  clock: HybridClock,
): Pick<SyncedChange, 'outcome' | 'error' | 'issues'> {
  const write = {
    operation,
    by,
    // A clock that is too far ahead would win for ever.
    time: clock.observe(time) ? time : clock.next(),
    // Whoever knew more than there is knew another past.
    base: base > draft.revision ? 0 : base,
    origin: replica,
  };
  try {
    return { outcome: draft.write(field, write) };
  } catch (error) {
    if (!(error instanceof OrchestratorError)) throw error;
    draft.refuse(field, write);
    const { issues } = error.data;
    return {
      outcome: 'refused',
      error: error.errorName,
      ...(issues === undefined ? {} : { issues: issues as NonNullable<SyncedChange['issues']> }),
    };
  }
}

function tell(
  draft: Draft,
  author: Author,
  replica: string,
  results: readonly SyncedChange[],
  contentHash: string,
): void {
  const { revision } = draft;
  const fieldsOf = (some: readonly SyncedChange[]): string[] => named([...new Set(some.map(({ field }) => field))]);
  const outcomes: Record<string, number> = {};
  for (const { outcome } of results) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  const details = { replica, fields: fieldsOf(results), revision, outcomes };
  draft.events.push(author.draft(events.stateSynchronized, details, contentHash));
  const conflicts = results.filter(({ outcome }) => outcome === 'conflict');
  if (conflicts.length === 0) return;
  draft.events.push(author.draft(events.stateConflicted, { fields: fieldsOf(conflicts), revision }));
}

/** A result without contents, as it is kept. */
function resultText({ time, outcome, error }: SyncedChange): string {
  return [time, outcome, ...(error === undefined ? [] : [error])].join(' ');
}

function timeIn(text: string): string {
  return text.slice(0, text.indexOf(' '));
}

function readResult(text: string | undefined): Pick<SyncedChange, 'outcome' | 'error'> {
  // It counted in a synchronisation before the last one.
  if (text === undefined) return { outcome: 'known' };
  const [, outcome, error] = text.split(' ');
  return { outcome: outcome as SyncedChange['outcome'], ...(error === undefined ? {} : { error }) };
}
