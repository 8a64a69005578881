/** Why a call failed on this side of the wire. */
export type ConnectionFailure =
  /** The daemon could not be reached. */
  | 'connect_failed'
  /** The call had been sent when the connection broke; whether it had its effect is not known. */
  | 'connection_lost'
  /** More calls are waiting for an answer than the client's bounds allow; nothing was sent. */
  | 'too_many_calls'
  /** The client is draining or closed; nothing was sent. */
  | 'closed';

const ADVICE: Readonly<Record<ConnectionFailure, string>> = {
  connect_failed: 'Could not reach the daemon; check that it runs and that the URL is right',
  connection_lost:
    'The connection broke before the answer came; whether the call had its effect is not known. Read the state, or repeat it with an idempotencyKey',
  too_many_calls: 'Too many calls wait for an answer; wait for some before sending more',
  closed: 'The client is closed; connect again',
};

/** A call failed before the daemon's answer came; errors that the daemon answers are `OrchestratorError`s. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';

  /**
   * @param reason what happened
   * @param detail what exactly, in front of what to do about it
   * @param options `cause`
   */
  constructor(
    readonly reason: ConnectionFailure,
    detail?: string,
    options?: ErrorOptions,
  ) {
    super(detail === undefined ? `${ADVICE[reason]}.` : `${detail}. ${ADVICE[reason]}.`, options);
  }
}
