import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { faultArguments, USAGE } from './runner/fault-arguments.js';
import { faultRows, runFaultRows, summary } from './runner/fault-rows.js';

/** `npm run faults`: exit code 0 when all held, 1 when something did not, 2 when it was called wrongly. */
const FOLDER = dirname(fileURLToPath(import.meta.url));

function say(text: string): void {
  process.stdout.write(text);
}

async function main(argv: readonly string[]): Promise<number> {
  const wanted = faultArguments(argv);
  const rows = await faultRows(FOLDER, wanted.names);
  const runs = await runFaultRows(rows, say);
  say(`\n${summary(runs).join('\n')}\n`);
  return runs.every((run) => run.passed) ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exitCode = 2;
}
