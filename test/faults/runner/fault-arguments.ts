/** What `npm run faults` is asked to do. */
export type FaultArguments =
  | { readonly run: 'rows'; readonly names: readonly string[] }
  | { readonly run: 'delivery'; readonly seconds: number; readonly seed: number; readonly powerCuts: boolean };

/** How it is called. */
export const USAGE = `npm run faults                                       every row in its full form
npm run faults -- f02 f18                            some rows
npm run faults -- delivery [--minutes N] [--seed S] [--power-cuts]
                                                     the delivery harness; 60 minutes unless said`;

const LONGEST_MINUTES = 7 * 24 * 60;

/**
 * Reads the command line.
 *
 * @param newSeed used where none is given
 * @throws Error with what is wrong
 */
export function faultArguments(argv: readonly string[], newSeed: number): FaultArguments {
  const [first, ...rest] = argv;
  if (first !== 'delivery') {
    const option = argv.find((name) => name.startsWith('-'));
    if (option !== undefined) throw new Error(`unknown option ${option}`);
    return { run: 'rows', names: argv };
  }
  let minutes = 60;
  let seed = newSeed;
  let powerCuts = false;
  for (let i = 0; i < rest.length; i++) {
    const name = rest[i];
    if (name === '--power-cuts') powerCuts = true;
    else if (name === '--minutes') minutes = number(name, rest[++i], 0.1, LONGEST_MINUTES);
    else if (name === '--seed') seed = Math.floor(number(name, rest[++i], 0, 2 ** 32 - 1));
    else throw new Error(`unknown option ${name ?? ''}`);
  }
  return { run: 'delivery', seconds: Math.round(minutes * 60), seed, powerCuts };
}

function number(name: string, text: string | undefined, least: number, most: number): number {
  const value = Number(text);
  if (text === undefined || text === '' || !(value >= least && value <= most))
    throw new Error(`${name} takes a number from ${least} to ${most}`);
  return value;
}
