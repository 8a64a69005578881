import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { JsonValue } from '../upstream/json.js';
import { CODE, type RequestId } from './protocol.js';

/** An error as it is answered to an MCP client. */
export class RpcError extends Error {
  /** @param status of HTTP, where the revision asks for another than 200 */
  constructor(
    readonly code: number,
    message: string,
    readonly data?: JsonValue,
    readonly status?: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The params are wrong. */
export function invalidParams(message: string): RpcError {
  return new RpcError(CODE.invalidParams, message);
}

/**
 * What an MCP client is told of an error; `undefined` when it is none of ours, and so nothing of it is for the client. Our own codes are
 * positive, so that they meet none that a revision of MCP reserves.
 */
export function rpcErrorOf(error: unknown): RpcError | undefined {
  if (error instanceof RpcError) return error;
  if (!(error instanceof OrchestratorError) || error.errorName === 'internal_error') return undefined;
  return new RpcError(error.code, error.message, error.data as JsonValue, undefined, { cause: error });
}

/** An error response as text. */
export function errorText(id: RequestId | null, error: Pick<RpcError, 'code' | 'message' | 'data'>): string {
  const { code, message, data } = error;
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } });
}

/** A result response as text, around a result that is text already. */
export function resultText(id: RequestId, result: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
}
