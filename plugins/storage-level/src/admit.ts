import { JOURNAL_PREFIX, type Commit, type EventDraft, type JsonValue } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { LevelLimits } from './limits.js';

const MAX_KEY_BYTES = 1024;
/** What an event's record has beyond its draft: sequence, time, hashes, names of members. */
const RECORD_BYTES = 512;
const SURROGATE = /\p{Surrogate}/u;

/** A commit that was found to be well formed, its values already text. */
export interface Admitted {
  readonly checks: readonly { readonly key: string; readonly revision: number }[];
  readonly puts: readonly { readonly key: string; readonly json: string }[];
  readonly deletes: readonly string[];
  readonly events: readonly EventDraft[];
  /** About what it takes in the log. */
  readonly bytes: number;
}

/** Checks a commit's shape and size. @throws OrchestratorError `invalid_params`, `limit_exceeded` */
export function admit({ checks = [], puts = [], deletes = [], events = [] }: Commit, limits: LevelLimits): Admitted {
  let bytes = 64;
  for (const { key } of checks) checkKey(key);
  const written = puts.map((put) => {
    const { key } = put;
    checkWritable(key);
    const json = 'text' in put ? put.text : jsonOf(key, put.value);
    bytes += key.length + json.length + 32;
    return { key, json };
  });
  for (const key of deletes) {
    checkWritable(key);
    bytes += key.length + 8;
  }
  if (written.length + deletes.length > 1) checkDistinct([...written.map(({ key }) => key), ...deletes]);
  for (const event of events) {
    bytes += RECORD_BYTES + event.resource.length + event.action.length + event.principal.length;
    if (event.details !== undefined) bytes += jsonOf('details', event.details).length;
  }
  if (bytes > limits.maxCommitBytes) {
    throw new OrchestratorError(
      'limit_exceeded',
      `a commit of ${bytes} bytes is more than maxCommitBytes (${limits.maxCommitBytes}); split it, or raise the limit`,
      { limit: 'maxCommitBytes', value: limits.maxCommitBytes },
    );
  }
  return { checks, puts: written, deletes, events, bytes };
}

/** Checks a key. @throws OrchestratorError `invalid_params` */
export function checkKey(key: string): void {
  if (key === '') throw badKey(key, 'is empty');
  if (key.length > MAX_KEY_BYTES / 3 && Buffer.byteLength(key) > MAX_KEY_BYTES) {
    throw badKey(key, `is longer than ${MAX_KEY_BYTES} bytes`);
  }
  if (key.startsWith('!')) throw badKey(key, 'begins with "!", which is the store\'s own');
  if (key.includes('\0')) throw badKey(key, 'contains U+0000');
  if (SURROGATE.test(key)) throw badKey(key, 'contains a lone surrogate');
}

function checkWritable(key: string): void {
  checkKey(key);
  if (key.startsWith(JOURNAL_PREFIX)) throw badKey(key, 'is a journal record, which only events write');
}

function checkDistinct(keys: readonly string[]): void {
  const seen = new Set<string>();
  for (const key of keys) {
    if (seen.has(key)) throw badKey(key, 'is written twice in one commit');
    seen.add(key);
  }
}

function jsonOf(key: string, value: JsonValue | NonNullable<EventDraft['details']>): string {
  // Callers without a type checker may hand in undefined or a function, for which there is no JSON.
  const json: unknown = JSON.stringify(value);
  if (typeof json === 'string') return json;
  throw new OrchestratorError('invalid_params', `the value of "${key}" is not JSON`, { key });
}

function badKey(key: string, why: string): OrchestratorError {
  return new OrchestratorError('invalid_params', `the key ${JSON.stringify(key.slice(0, 80))} ${why}`, {
    key: key.slice(0, 80),
  });
}
