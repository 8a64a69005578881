import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { Log } from '../host/log.js';
import type { Random } from '../host/time.js';

/** What a thrown value becomes on the wire [JSON-RPC 2.0 §5.1]. */
export interface ErrorObject {
  /** The error's name in the table; also the outcome that is counted. */
  readonly name: string;
  /** The error object as JSON. */
  readonly text: string;
}

/** An error of ours as JSON. */
export function errorObject(error: OrchestratorError): ErrorObject {
  return {
    name: error.errorName,
    text: JSON.stringify({ code: error.code, message: error.message, data: error.data }),
  };
}

/**
 * Makes an error object of whatever a handler threw. What is not an OrchestratorError, or cannot be written as JSON, is logged with its
 * stack under an incident id and answered `internal_error` without its text.
 */
export function describeThrown(thrown: unknown, about: object, log: Log, random: Random): ErrorObject {
  let cause = thrown;
  if (thrown instanceof OrchestratorError) {
    try {
      return errorObject(thrown);
    } catch (error) {
      cause = new Error('the data of an error cannot be written as JSON', { cause: error });
    }
  }
  const incident = random.uuid();
  log.error({ ...about, incident, err: cause }, 'a handler failed');
  return errorObject(new OrchestratorError('internal_error', undefined, { incident }));
}
