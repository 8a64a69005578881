import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { printable } from '../printable.js';
import { clockTime } from '../time-text.js';
import { integer } from '../values.js';

interface LogsOptions extends ConnectionOptions {
  readonly lines: number;
}

/** `orchestrator agents logs` */
export function agentsLogs(command: Command, context: Context): void {
  command
    .argument('<program>', 'name of the program in the configuration')
    .option('-n, --lines <count>', 'how many lines at most', integer(1, 1000), 100);
  examples(connectionOptions(command), [
    { says: 'What a program printed last', line: 'orchestrator agents logs echo' },
    { says: 'Only its last five lines', line: 'orchestrator agents logs echo -n 5' },
  ]).action(async (name: string, options: LogsOptions) => {
    const { output } = context;
    const params = { name, lines: options.lines };
    const answer = await withDaemon(context, options, (daemon) => daemon.call('program.logs', params));
    const lines = answer.entries.map((entry) => {
      const line = printable(entry.line) + (entry.truncated === true ? output.style.dim(' (cut)') : '');
      return `${output.style.dim(clockTime(entry.time))}  ${entry.stream === 'stderr' ? output.style.yellow(line) : line}`;
    });
    context.output.answer(answer, () => lines.join('\n'));
    if (answer.entries.length === 0) output.note(`${name} has printed nothing.`);
    if (answer.dropped > 0) output.note(`${answer.dropped} older lines are no longer kept.`);
  });
}
