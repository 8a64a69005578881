import { processContext } from './cli/process-context.js';
import { runCommandLine } from './cli/run.js';
import { packageVersion } from './version.js';

const argv = process.argv.slice(2);
process.exitCode = await runCommandLine(argv, processContext(argv), packageVersion());
