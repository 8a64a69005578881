import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { jsonObjectInput } from '../json-input.js';
import { withoutComments } from '../json-with-comments.js';
import { importText } from '../mcp-text.js';
import { collected } from '../values.js';

interface ImportOptions extends ConnectionOptions {
  readonly only?: readonly string[];
  readonly confirm?: string;
}

/** `orchestrator mcp import` */
export function mcpImport(command: Command, context: Context): void {
  command
    .argument(
      '<file>',
      'configuration of a client with "mcpServers" (or "servers", as VS Code has it); "-" reads stdin',
    )
    .option('--only <server>', 'only this one of its servers; can be repeated', collected)
    .option('--confirm <digest>', 'do what was shown under this digest; without it nothing is run');
  examples(connectionOptions(command), [
    { says: 'What would run, and what is refused', line: 'orchestrator mcp import ~/.cursor/mcp.json' },
    { says: 'Then do exactly that', line: 'orchestrator mcp import ~/.cursor/mcp.json --confirm DIGEST' },
  ]).action(async (file: string, { only, confirm, ...options }: ImportOptions) => {
    const text = file === '-' ? await context.readInput() : await contents(file);
    const document = await jsonObjectInput(withoutComments(text), 'FILE', context);
    const params = { document: { ...document }, ...defined({ only: only && [...only], confirm }) };
    const plan = await withDaemon(context, options, (daemon) => daemon.call('mcp.import', params));
    const { output } = context;
    output.answer(plan, () => importText(plan.entries, output));
    if (output.json) return;
    const takes = plan.entries.filter(({ outcome }) => outcome === 'add' || outcome === 'replace').length;
    if (plan.done) output.note(`Imported ${String(takes)}; "orchestrator mcp list" shows them.`);
    else if (takes === 0) output.note('There is nothing to import.');
    else output.note(`Nothing has been run yet. To do exactly this, add --confirm ${plan.digest}`);
  });
}

async function contents(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const message = `${file} cannot be read: ${(error as Error).message}.`;
    throw new CommandFailure('usage', message, undefined, undefined, { cause: error });
  }
}
