import type { Command } from 'commander';
import { open } from 'node:fs/promises';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon, type Connection } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';

const PAGE = 1000;

interface ExportOptions extends ConnectionOptions {
  readonly out?: string;
}

/** `orchestrator contexts export` */
export function contextsExport(command: Command, context: Context): void {
  command
    .argument('<context>', 'id of the context')
    .option('-o, --out <file>', 'write to a new file that only you can read, instead of stdout');
  examples(connectionOptions(command), [
    { says: 'Everything of a conversation, one JSON document a line', line: 'orchestrator contexts export CONTEXT' },
    { says: 'Into a file', line: 'orchestrator contexts export CONTEXT --out conversation.jsonl' },
  ]).action(async (contextId: string, options: ExportOptions) => {
    const { output } = context;
    await withDaemon(context, options, async (daemon) => {
      if (options.out === undefined) {
        for await (const line of lines(daemon, contextId)) output.raw(line);
        return;
      }
      const count = await written(options.out, lines(daemon, contextId));
      output.answer({ file: options.out, lines: count }, () => `${String(count)} lines in ${options.out ?? ''}`);
    });
  });
}

async function* lines(daemon: Connection, contextId: string): AsyncGenerator<string, void, void> {
  let cursor: string | undefined;
  do {
    const page = await daemon.call('context.export', { contextId, limit: PAGE, ...defined({ cursor }) });
    yield* page.entries;
    ({ cursor } = page);
  } while (cursor !== undefined);
}

/** Writes lines to a file that was not there; answers how many. */
async function written(path: string, from: AsyncIterable<string>): Promise<number> {
  const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
    throw new CommandFailure(
      'failure',
      `${path} cannot be written: ${(error as Error).message}.`,
      'Name a new file.',
      undefined,
      {
        cause: error,
      },
    );
  });
  try {
    let count = 0;
    for await (const line of from) {
      await file.write(`${line}\n`);
      count += 1;
    }
    return count;
  } finally {
    await file.close();
  }
}
