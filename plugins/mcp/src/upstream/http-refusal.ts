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

/** Redirects for good [RFC 9110 §15.4.2, §15.4.9]; others say nothing of where the endpoint is. */
const MOVED: ReadonlySet<number> = new Set([301, 308]);
/** Of where a redirect leads, in an error. */
const LOCATION_CHARACTERS = 300;

/**
 * What an HTTP status means that came without a JSON-RPC error.
 *
 * @param inSession whether the request named a session
 * @param location where a redirect leads; none is followed
 */
export function refusalOf(status: number, inSession: boolean, location?: string): Error {
  if (status >= 300 && status < 400) {
    const there =
      MOVED.has(status) && location !== undefined ? `it is at ${withoutQuery(location)}` : 'it leads elsewhere';
    return new OrchestratorError(
      'unavailable',
      `the server answered HTTP ${status}: ${there}; give the URL of the MCP endpoint itself`,
    );
  }
  if (status === 404 && inSession) return new SessionGone();
  if (status === 401 || status === 403) {
    return new OrchestratorError('unavailable', `the server refuses us (HTTP ${status}); check its headers or auth`);
  }
  if (status >= 400 && status < 500 && status !== 408 && status !== 429) return new NotUnderstood(status);
  return new OrchestratorError('unavailable', `the server answered HTTP ${status}`);
}

/** What follows may be somebody's secret, and is no part of the address to give. */
function withoutQuery(location: string): string {
  return location.split(/[?#]/, 1)[0]?.slice(0, LOCATION_CHARACTERS) ?? '';
}
