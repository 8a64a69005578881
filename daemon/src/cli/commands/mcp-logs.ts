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

/** `orchestrator mcp logs` */
export function mcpLogs(command: Command, context: Context): void {
  command
    .argument('<server>', 'name of the server')
    .option('-n, --lines <count>', 'how many lines at most', integer(1, 1000), 100);
  examples(connectionOptions(command), [
    { says: 'What a server last wrote to stderr, or wrongly to stdout', line: 'orchestrator mcp logs github' },
  ]).action(async (name: string, { lines, ...options }: LogsOptions) => {
    const { output } = context;
    const answer = await withDaemon(context, options, (daemon) => daemon.call('mcp.logs', { name, lines }));
    context.output.answer(answer, () =>
      answer.entries
        .map(({ time, stream, line, truncated }) => {
          const cut = truncated === true ? output.style.dim(' (cut)') : '';
          const where = stream === 'stdout' ? output.style.yellow('on stdout, no MCP: ') : '';
          return `${output.style.dim(clockTime(time))}  ${where}${printable(line)}${cut}`;
        })
        .join('\n'),
    );
    if (answer.entries.length === 0) output.note(`${name} has written nothing to stderr.`);
  });
}
