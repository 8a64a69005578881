import { OrchestratorError } from '@ai-orchestrator/protocol';

/** The server answered something that is no JSON-RPC, as one does that does not know the method or the era. */
export class NotUnderstood extends OrchestratorError {
  constructor(readonly status: number) {
    super('unavailable', `the server answered HTTP ${status}`);
  }
}

/** The server answered more than it may; it can be talked to all the same. */
export class AnswerTooLarge extends OrchestratorError {
  /** @param most bytes of one message */
  constructor(most: number) {
    super('unavailable', `the server sent a message of more than ${most} bytes`);
  }
}

/** Whether an error is about one request, not about the server: others can still be sent. */
export function isOfRequest(error: unknown): error is OrchestratorError {
  return error instanceof NotUnderstood || error instanceof AnswerTooLarge;
}

/** The session is gone at the server; what was refused because of it was not begun, and can be sent again in the next. */
export class SessionGone extends OrchestratorError {
  constructor() {
    super('unavailable', 'the server has ended the session');
  }
}

/** Of where a redirect leads, in an error. */
const LOCATION_CHARACTERS = 300;

/**
 * What an HTTP status means that came without a JSON-RPC error.
 *
 * @param inSession whether the request named a session
 * @param location where a redirect leads; none is followed
 */
export function refusalOf(status: number, inSession: boolean, location?: string): Error {
  if (status >= 300 && status < 400 && location !== undefined) {
    const there = location.slice(0, LOCATION_CHARACTERS);
    return new OrchestratorError('unavailable', `the server answered HTTP ${status}: it is at ${there}; give that URL`);
  }
  if (status === 404 && inSession) return new SessionGone();
  if (status === 401 || status === 403) {
    return new OrchestratorError('unavailable', `the server refuses us (HTTP ${status}); check its headers or auth`);
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return new NotUnderstood(status);
  return new OrchestratorError('unavailable', `the server answered HTTP ${status}`);
}
