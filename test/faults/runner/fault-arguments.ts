/** What `npm run faults` is asked to do. */
export interface FaultArguments {
  readonly run: 'rows';
  /** Numbers or names of rows; all when empty. */
  readonly names: readonly string[];
}

/** How it is called. */
export const USAGE = `npm run faults              every row in its full form
npm run faults -- f02 f18   some rows`;

/**
 * Reads the command line.
 *
 * @throws Error with what is wrong
 */
export function faultArguments(argv: readonly string[]): FaultArguments {
  const option = argv.find((name) => name.startsWith('-'));
  if (option !== undefined) throw new Error(`unknown option ${option}`);
  return { run: 'rows', names: argv };
}
