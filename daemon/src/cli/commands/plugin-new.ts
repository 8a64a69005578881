import type { Command } from 'commander';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { packageVersion } from '../../version.js';
import { CommandFailure } from '../command-failure.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { pluginFiles } from '../plugin-template/files.js';
import { linkDependencies } from '../plugin-template/link.js';
import { pluginNames, type PluginNames } from '../plugin-template/names.js';

/** What new plugins are built with: the versions of this workspace. */
const TOOLS = { typescript: '7.0.2', nodeTypes: '20.19.43' };

interface NewOptions {
  readonly directory: string;
  readonly link: boolean;
}

/** `orchestrator plugin new` */
export function pluginNew(command: Command, context: Context): void {
  command
    .argument('<name>', 'id of the plugin: lower case, words joined by "-"')
    .option('--directory <directory>', 'where its folder is made', '.')
    .option('--no-link', 'do not link the packages that it needs; "npm install" fetches them');
  examples(command, [
    { says: 'A plugin in a new folder', line: 'orchestrator plugin new word-count' },
    {
      says: 'Its test, and a daemon that loads it',
      line: '(cd word-count && npm test) && ORCHESTRATOR_PLUGIN_ROOTS=$PWD orchestrator dev',
    },
  ]).action(async (name: string, options: NewOptions) => {
    const names = pluginNames(name);
    if (names === undefined) {
      throw new CommandFailure(
        'usage',
        `"${name}" is not an id of a plugin.`,
        'Use lower case letters and digits, words joined by "-", at most 48 characters: word-count.',
      );
    }
    const directory = resolve(options.directory, name);
    const files = await writeFiles(directory, names);
    const missing = options.link ? await linkDependencies(directory) : ['every dependency'];
    const { output } = context;
    output.answer({ directory, files, linked: missing.length === 0 }, () =>
      files.map((file) => join(relative('.', directory) || '.', file)).join('\n'),
    );
    output.note(nextSteps(directory, names, missing));
  });
}

async function writeFiles(directory: string, names: PluginNames): Promise<readonly string[]> {
  await mkdir(dirname(directory), { recursive: true });
  try {
    await mkdir(directory);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
    throw new CommandFailure(
      'failure',
      `${directory} exists already.`,
      'Choose another name or --directory; nothing was written.',
      undefined,
      { cause },
    );
  }
  const files = pluginFiles(names, { contract: packageVersion(), ...TOOLS });
  for (const [path, content] of files) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content, { flag: 'wx' });
  }
  return [...files.keys()];
}

function nextSteps(directory: string, { noun }: PluginNames, missing: readonly string[]): string {
  const here = relative('.', directory) || '.';
  const install = missing.length === 0 ? '' : 'npm install && ';
  return `
Next:
  (cd ${here} && ${install}npm test)
  ORCHESTRATOR_PLUGIN_ROOTS=${dirname(directory)} orchestrator dev
and in another terminal:
  orchestrator call ${noun}.greet '{"name": "Ada"}'`;
}
