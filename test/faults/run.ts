import { dirname } from 'node:path';
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { describeReport, runDelivery } from './delivery/delivery-harness.js';
import { faultArguments, USAGE, type FaultArguments } from './runner/fault-arguments.js';
import { faultRows, runFaultRows, summary } from './runner/fault-rows.js';

/** `npm run faults`: exit code 0 when all held, 1 when something did not, 2 when it was called wrongly. */
const FOLDER = dirname(fileURLToPath(import.meta.url));

function say(text: string): void {
  process.stdout.write(text);
}

async function rows({ names }: Extract<FaultArguments, { run: 'rows' }>): Promise<boolean> {
  const runs = await runFaultRows(await faultRows(FOLDER, names), say);
  say(`\n${summary(runs).join('\n')}\n`);
  return runs.every((run) => run.passed);
}

async function delivery(options: Extract<FaultArguments, { run: 'delivery' }>): Promise<boolean> {
  const { seed, seconds, powerCuts } = options;
  say(`seed ${String(seed)}: ${String(seconds)} s of harm${powerCuts ? ', power cuts among it' : ''}\n`);
  const report = await runDelivery(options);
  say(`${describeReport(report)}\n`);
  return report.violations.length === 0;
}

try {
  const wanted = faultArguments(process.argv.slice(2), randomInt(2 ** 32));
  const held = await (wanted.run === 'rows' ? rows(wanted) : delivery(wanted));
  process.exitCode = held ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exitCode = 2;
}
