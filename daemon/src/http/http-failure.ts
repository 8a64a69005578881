import { randomUUID } from 'node:crypto';
import type { HttpResponse } from '@ai-orchestrator/core/plugin';
import { OrchestratorError, type ErrorName } from '@ai-orchestrator/protocol';

/** An error as HTTP answers it. */
export interface HttpFailure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON: the error's name, text and hint, as on the WebSocket. */
  readonly body: string;
  /** Under which the cause was logged, when it is not for the caller. */
  readonly incident?: string;
}

const STATUS: Partial<Record<ErrorName, number>> = {
  invalid_params: 400,
  invalid_request: 400,
  parse_error: 400,
  unauthenticated: 401,
  permission_denied: 403,
  not_found: 404,
  conflict: 409,
  limit_exceeded: 413,
  rate_limited: 429,
  deadline_exceeded: 504,
  unavailable: 503,
  going_away: 503,
  storage_full: 503,
  storage_fenced: 503,
};

/** Asks the resource what those may try whom it is refused. */
type Challenge = (refusal: 'unauthenticated' | 'permission_denied') => string | undefined;

/** What those are told who came with a token that is nobody's, where the resource says nothing [RFC 6750 §3.1]. */
export const INVALID_TOKEN = 'Bearer error="invalid_token"';

/** What to answer for an error; one that is not ours keeps its text to itself. */
export function failureOf(error: unknown, challenge: Challenge = () => undefined): HttpFailure {
  if (error instanceof OrchestratorError) {
    const { retryAfterMs } = error.data;
    const headers: Record<string, string> = {};
    if (typeof retryAfterMs === 'number') headers['retry-after'] = String(Math.max(1, Math.ceil(retryAfterMs / 1000)));
    if (error.errorName === 'unauthenticated') headers['www-authenticate'] = challenge('unauthenticated') ?? 'Bearer';
    // A Host or Origin that is refused lacks no permission; no credential would change it.
    const scope = error.data.permission === undefined ? undefined : challenge('permission_denied');
    if (error.errorName === 'permission_denied' && scope !== undefined) headers['www-authenticate'] = scope;
    return { status: STATUS[error.errorName] ?? 500, headers, body: body(error.message, error.data) };
  }
  if (error instanceof Error && 'methods' in error && Array.isArray(error.methods)) {
    return { status: 405, headers: { allow: error.methods.join(', ') }, body: body(error.message, {}) };
  }
  const incident = randomUUID();
  const { message, data } = new OrchestratorError('internal_error', undefined, { incident });
  return { status: 500, headers: {}, body: body(message, data), incident };
}

/** Sends it, and closes the connection: what is left of the request's body is not read. */
export function sendFailure(response: HttpResponse, failure: HttpFailure): void {
  const { status, headers, body: text } = failure;
  response.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    connection: 'close',
  });
  response.end(text);
}

function body(message: string, data: object): string {
  return JSON.stringify({ error: { message, ...data } });
}
