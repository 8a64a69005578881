import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { Output } from '../src/cli/output.js';
import { buildProgram } from '../src/cli/program.js';
import { packageVersion } from '../src/version.js';

const WIDTH = 100;

/** `docs/reference/commands.md`: the help of every command. */
export async function commandsPage(): Promise<string> {
  const nowhere = { write: () => true };
  const context = {
    output: new Output([], {}, nowhere, nowhere),
    environment: {},
    now: () => 0,
    readInput: () => Promise.resolve(''),
    stdio: () => ({ input: new PassThrough(), output: new PassThrough() }),
    interruption: () => new AbortController().signal,
  };
  const program = await buildProgram(context, packageVersion(), '*');
  return `# Commands

Every command of \`orchestrator\` (short \`orc\`) as its \`--help\` shows it. This page is generated from \`daemon/src/cli\`.
[Exit codes](exit-codes.md) are listed apart.

${sections(program, '').join('\n')}`;
}

function sections(command: Command, path: string): readonly string[] {
  const name = `${path}${command.name()}`;
  const section = `## ${name}\n\n\`\`\`text\n${helpText(command)}\n\`\`\`\n`;
  return [section, ...command.commands.flatMap((child) => sections(child, `${name} `))];
}

/** What \`--help\` prints on a terminal of a fixed width, without colours. */
function helpText(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => WIDTH,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}
