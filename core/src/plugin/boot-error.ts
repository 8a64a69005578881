/** One plugin's reason for not being started, for people: why, and what to do. */
export interface PluginProblem {
  /** Plugin id, or the name it has in the configuration when it could not be loaded. */
  readonly plugin: string;
  readonly reason: string;
}

/** The start or a reload was refused or rolled back; the message names every plugin that stands in its way. */
export class BootError extends Error {
  override readonly name = 'BootError';

  constructor(
    readonly problems: readonly PluginProblem[],
    options?: ErrorOptions,
  ) {
    super(problems.map(({ plugin, reason }) => `plugin "${plugin}" ${reason}`).join('\n'), options);
  }
}
