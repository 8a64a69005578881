import type { ExitCodeName } from '../exit-codes.js';

/** A command could not do what it was asked; ends the process with the exit code and prints the message and the hint. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';

  /**
   * @param exit row of the exit code table
   * @param message what went wrong, one sentence
   * @param hint what to do next
   * @param error the daemon's error object, where it was the daemon that refused
   */
  constructor(
    readonly exit: ExitCodeName,
    message: string,
    readonly hint?: string,
    readonly error?: Readonly<Record<string, unknown>>,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
