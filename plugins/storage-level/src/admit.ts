import { checkKey, checkWrittenKeys, type Commit, type EventDraft, type JsonValue } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { LevelLimits } from './limits.js';

/** What an event's record has beyond its draft: sequence, time, hashes, names of members. */
const RECORD_BYTES = 512;

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
  checkWrittenKeys([...puts.map(({ key }) => key), ...deletes]);
  const written = puts.map((put) => {
    const { key } = put;
    const json = 'text' in put ? put.text : jsonOf(key, put.value);
    bytes += key.length + json.length + 32;
    return { key, json };
  });
  for (const key of deletes) bytes += key.length + 8;
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

function jsonOf(key: string, value: JsonValue | NonNullable<EventDraft['details']>): string {
  // Callers without a type checker may hand in undefined or a function, for which there is no JSON.
  const json: unknown = JSON.stringify(value);
  if (typeof json === 'string') return json;
  throw new OrchestratorError('invalid_params', `the value of "${key}" is not JSON`, { key });
}
