import type { HandlerParamsOf, messageMethods } from '@ai-orchestrator/protocol';
import { token } from '../plugin/token.js';
import type { Call } from '../rpc/call.js';
import type { RelayedJson } from '../rpc/relayed-json.js';

/** Requests to agents, as other parts of the daemon may make them. */
export interface Messages {
  /** Requests that agents work on now. */
  readonly inFlight: number;
  /**
   * Asks an agent, as `message.request` does; answers `{agent, payload}`.
   *
   * @param call whose request it is; `relayed` has the payload's JSON, without a session there are no partial answers
   * @throws OrchestratorError those of `message.request`
   */
  request(params: HandlerParamsOf<typeof messageMethods.messageRequest>, call: Call): Promise<RelayedJson>;
}
/** Token of {@link Messages}. */
export const Messages = token<Messages>('messages');
