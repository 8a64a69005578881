import type { DaemonMethodName, Methods, ParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import type { Client, Subscription } from '@ai-orchestrator/protocol/client';
import { findAddress, type ConnectionOptions } from './address.js';
import { CommandFailure } from './command-failure.js';
import type { Context } from './context.js';
import { didYouMean } from './did-you-mean.js';
import { clientFailure } from './refusal.js';

/** How one call is made. */
export interface CallOptions {
  /** How long to wait for the answer, in milliseconds. */
  readonly timeoutMs?: number;
}

/** What is followed, and after which cursor. */
export interface Followed {
  readonly after?: string;
  readonly [param: string]: unknown;
}

/** What a request asks, of whom. */
export type RequestParams = Pick<ParamsOf<Methods['message.request']>, 'to' | 'payload' | 'timeoutMs'>;

/** A connection with a daemon, as far as commands need one. Ctrl-C cancels what is under way. */
export interface Connection {
  readonly client: Client;
  readonly signal: AbortSignal;
  call<N extends DaemonMethodName>(
    name: N,
    params: ParamsOf<Methods[N]>,
    options?: CallOptions,
  ): Promise<ResultOf<Methods[N]>>;
  /** A method that may be a plugin's. */
  callAny(name: string, params: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<unknown>;
  /** What a method such as `task.watch` follows, over all reconnects, until Ctrl-C. @template Entry what its entries are */
  follow<Entry>(method: DaemonMethodName, params: Followed): Promise<Subscription<Entry>>;
  request(params: RequestParams, onPart?: (payload: unknown) => void): Promise<ResultOf<Methods['message.request']>>;
}

/** How a command uses its connection. */
export interface ConnectionUse {
  /** Whether a lost connection is made again, as a command that follows something wants; otherwise the command fails. */
  readonly lasting?: boolean;
}

/**
 * Connects, uses the connection, closes it.
 *
 * @throws CommandFailure for whatever fails on the way to the daemon or is refused by it
 */
export async function withDaemon<T>(
  context: Context,
  options: ConnectionOptions,
  use: (connection: Connection) => Promise<T>,
  { lasting = false }: ConnectionUse = {},
): Promise<T> {
  const { url, token } = await findAddress(options, context.environment);
  const signal = context.interruption();
  const { connect } = await import('@ai-orchestrator/protocol/client');
  let client: Client | undefined;
  try {
    client = await connect({
      url,
      token,
      ...(lasting ? {} : { reconnectAttempts: 1 }),
      onError: (error, where) => context.output.note(`${where}: ${String(error)}`),
    });
    return await use(connectionOf(client, signal));
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    if (signal.aborted) throw new CommandFailure('interrupted', 'Interrupted.', undefined, undefined, { cause: error });
    throw await didYouMean(clientFailure(error, url), client);
  } finally {
    await client?.close();
  }
}

function connectionOf(client: Client, signal: AbortSignal): Connection {
  return {
    client,
    signal,
    call: (name, params, options) => client.call(name, params, { signal, ...options }),
    callAny: (name, params, options) => client.callPlugin(name, params, { signal, ...options }),
    follow: (method, params) => client.follow({ method, params }, signal),
    request: ({ to, payload, timeoutMs }, onPart) =>
      client.request(to, payload, {
        signal,
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(onPart === undefined ? {} : { onPart }),
      }),
  };
}
