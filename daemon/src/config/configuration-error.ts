/** One thing that is wrong with the configuration. */
export interface ConfigurationIssue {
  /** Where it was written: `/etc/x.yaml:12`, `ORCHESTRATOR_HTTP_PORT`, `--http-port`. */
  readonly where: string;
  /** The key, dotted; empty for the file as a whole. */
  readonly key: string;
  /** What is wrong and what was expected. */
  readonly text: string;
}

/** The configuration cannot be used; the message has one line for each issue. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';

  constructor(
    readonly issues: readonly ConfigurationIssue[],
    options?: ErrorOptions,
  ) {
    super(
      issues.map(({ where, key, text }) => [where, key, text].filter((part) => part !== '').join(': ')).join('\n'),
      options,
    );
  }
}
