import { ERRORS, OrchestratorError, type ErrorName } from '../error.js';

/** An id of a JSON-RPC request. */
export type Id = string | number;

/** A JSON-RPC error object, as it comes. */
export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** A message from the other side; which members it has says what it is. */
export interface WireMessage {
  readonly id?: Id | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: WireError;
}

/** The text of a request, or without an id of a notification. */
export function requestText(method: string, params: unknown, id?: Id): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

/** The text of an answer; `undefined` is answered as null. */
export function resultText(id: Id, result: unknown): string {
  return JSON.stringify({ jsonrpc: '2.0', id, result: result ?? null });
}

/** The text of an error; what is not an OrchestratorError is told as `internal_error`, without its text. */
export function errorText(id: Id, error: unknown): string {
  const told = error instanceof OrchestratorError ? error : new OrchestratorError('internal_error');
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code: told.code, message: told.message, data: told.data } });
}

function nameOf({ code, data }: WireError): ErrorName | undefined {
  const name = data !== null && typeof data === 'object' && 'name' in data ? data.name : undefined;
  if (typeof name === 'string' && Object.hasOwn(ERRORS, name)) return name as ErrorName;
  return (Object.keys(ERRORS) as ErrorName[]).find((known) => ERRORS[known].code === code);
}

/** The error that an error object stands for; one that this version does not know becomes `internal_error` with its `data.code`. */
export function errorFromWire(wire: WireError): OrchestratorError {
  const name = nameOf(wire);
  const data = wire.data !== null && typeof wire.data === 'object' ? (wire.data as Record<string, unknown>) : {};
  if (name === undefined) return new OrchestratorError('internal_error', wire.message, { ...data, code: wire.code });
  const { text } = ERRORS[name];
  const detail = wire.message.startsWith(`${text}: `) ? wire.message.slice(text.length + 2) : wire.message;
  return new OrchestratorError(name, detail === text ? undefined : detail, data);
}

/** How long an error asks to wait, in milliseconds. */
export function retryAfterOf(error: unknown): number | undefined {
  const after = error instanceof OrchestratorError ? error.data.retryAfterMs : undefined;
  return typeof after === 'number' ? after : undefined;
}
