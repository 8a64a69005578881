import { checkKey, checkWrittenKeys, eventText, type Commit, type JsonValue } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { LevelLimits } from './limits.js';

/** What an event's record has beyond its draft: sequence, time, node, hashes. */
const RECORD_BYTES = 320;

/** A commit that was found to be well formed, its values already text. */
export interface Admitted {
  readonly checks: readonly { readonly key: string; readonly revision: number }[];
  readonly puts: readonly { readonly key: string; readonly json: string }[];
  readonly deletes: readonly string[];
  /** As {@link eventText} has them. */
  readonly events: readonly string[];
  /** About what it takes in the log. */
  readonly bytes: number;
}

/** Checks a commit's shape and size. @throws OrchestratorError `invalid_params`, `limit_exceeded` */
export function admit({ checks = [], puts = [], deletes = [], events = [] }: Commit, limits: LevelLimits): Admitted {
  let bytes = 64;
  for (const { key } of checks) checkKey(key);
  // Most commits of calls have records only.
  if (puts.length + deletes.length > 0) checkWrittenKeys([...puts.map(({ key }) => key), ...deletes]);
  const written = puts.map((put) => {
    const { key } = put;
    const json = 'text' in put ? put.text : jsonOf(key, put.value);
    bytes += key.length + json.length + 32;
    return { key, json };
  });
  for (const key of deletes) bytes += key.length + 8;
  const records = events.map(eventText);
  for (const record of records) bytes += RECORD_BYTES + record.length;
  if (bytes > limits.maxCommitBytes) {
    throw new OrchestratorError(
      'limit_exceeded',
      `a commit of ${bytes} bytes is more than maxCommitBytes (${limits.maxCommitBytes}); split it, or raise the limit`,
      { limit: 'maxCommitBytes', value: limits.maxCommitBytes },
    );
  }
  return { checks, puts: written, deletes, events: records, bytes };
}

function jsonOf(key: string, value: JsonValue): string {
  // Callers without a type checker may hand in undefined or a function, for which there is no JSON.
  const json: unknown = JSON.stringify(value);
  if (typeof json === 'string') return json;
  throw new OrchestratorError('invalid_params', `the value of "${key}" is not JSON`, { key });
}
