import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Clock, Random } from '@ai-orchestrator/core/plugin';
import { isObject } from '../upstream/json.js';
import type { Operation } from './operation.js';
import { invalidParams } from './rpc-error.js';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** What lies in a `requestState` of ours: the provider's own one, or the call that waits here. */
export interface OpenedState {
  readonly upstream?: string;
  readonly held?: string;
  /** The upstream that asked, where several may have what was asked for. */
  readonly holder?: string;
}

/**
 * `requestState` of ours [MCP 2026-07-28, basic/patterns/mrtr, Server Requirements 4 and 5]: encrypted and authenticated, so that a client
 * reads nothing of a provider's state and can present it only as the same principal, through the same tool set, with the same request,
 * to the same provider, for a while.
 *
 * The key lives and dies with the process. Half of what is sealed names calls that wait in this process, and the other half is worth
 * minutes; a key on disk would outlive both and be one more secret to guard. After a restart a client is told to begin anew.
 */
export class SealedStates {
  readonly #key: Buffer;

  constructor(
    private readonly clock: Clock,
    private readonly random: Random,
    private readonly ttlMs: number,
  ) {
    this.#key = random.bytes(KEY_BYTES);
  }

  seal(operation: Operation, state: OpenedState): string {
    const nonce = this.random.bytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key, nonce).setAAD(boundTo(operation));
    const text = JSON.stringify({ ...state, until: this.clock.monotonicMs() + this.ttlMs });
    return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString(
      'base64url',
    );
  }

  /** @throws RpcError -32602 when it is not ours, not for this request or too old: which one is nobody's to know */
  open(operation: Operation, sealed: string): OpenedState {
    const state = this.#opened(operation, Buffer.from(sealed, 'base64url'));
    if (!isObject(state) || typeof state.until !== 'number' || this.clock.monotonicMs() > state.until) throw stale();
    const { upstream, held, holder } = state;
    return {
      ...(typeof upstream === 'string' && { upstream }),
      ...(typeof held === 'string' && { held }),
      ...(typeof holder === 'string' && { holder }),
    };
  }

  #opened(operation: Operation, bytes: Buffer): unknown {
    if (bytes.length < NONCE_BYTES + TAG_BYTES) throw stale();
    const decipher = createDecipheriv(ALGORITHM, this.#key, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(boundTo(operation)).setAuthTag(bytes.subarray(-TAG_BYTES));
    try {
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      return JSON.parse(text.toString('utf8')) as unknown;
    } catch (cause) {
      throw stale(cause);
    }
  }
}

function boundTo({ view, target, digest }: Operation): Buffer {
  return Buffer.from(JSON.stringify([view.principal.id, view.set ?? null, target(), digest()]));
}

/** What a client is told of a state that does not fit. */
export function stale(cause?: unknown): Error {
  return Object.assign(invalidParams('this requestState is not valid for this request, or not any more; begin anew'), {
    ...(cause !== undefined && { cause }),
  });
}
