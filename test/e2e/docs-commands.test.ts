import { expect } from 'chai';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BINARY, orchestrator, run } from '../support/command-line.js';
import { startDev } from '../support/dev-daemon.js';
import { commandsOf, documentedCommands, documentedYaml } from '../support/docs-commands.js';
import { inEmptyHome } from '../support/temp-home.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const OURS = /^(?:[A-Z_]+=\S+ )*(?:npx )?(?:orchestrator|orc) /;
const NPM = /^npm (?:run )?(?<script>[a-z:-]+)/;
/** These run until Ctrl-C, and one is running already. */
const ENDLESS = /(?:orchestrator|orc) (?:dev|start)\b|--follow|-f\b/;
/** What is for the daemon and not, for example, for Prometheus. */
const OF_DAEMON = /^(?:plugins|tools|pluginRoots):/m;
const NPM_ITSELF = new Set(['ci', 'install', 'link', 'i']);

/** A directory on the PATH in which our commands are what is in this repository, also by `npx`. */
async function commandsIn(directory: string): Promise<string> {
  await mkdir(directory);
  for (const name of ['orchestrator', 'orc']) await symlink(BINARY, join(directory, name));
  await writeFile(join(directory, 'npx'), '#!/bin/sh\nexec "$@"\n');
  await chmod(join(directory, 'npx'), 0o755);
  return `${directory}:${process.env.PATH ?? ''}`;
}

describe('the documentation', () => {
  it('names only npm scripts that are there [CLI-19]', async () => {
    const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const named = (await documentedCommands(root)).flatMap(({ where, line }) => {
      const script = NPM.exec(line)?.groups?.script;
      return script === undefined || NPM_ITSELF.has(script) ? [] : [{ where, script }];
    });
    expect(named.filter(({ script }) => !Object.hasOwn(scripts, script))).to.deep.equal([]);
  });

  it('shows only commands that work, in their order, on a daemon that was just started [CLI-19]', async function () {
    this.timeout(300_000);
    const commands = (await documentedCommands(root)).filter(({ line }) => OURS.test(line) && !ENDLESS.test(line));
    expect(commands.length).to.be.greaterThan(0);
    await inEmptyHome(async (home) => {
      const env = { ...home, PATH: await commandsIn(join(home.HOME, 'bin')) };
      const dev = await startDev(home);
      const failed: unknown[] = [];
      try {
        for (const { where, line } of commands) {
          const { code, stderr } = await run('bash', ['-c', line], {
            env,
            cwd: await freshDirectory(home.HOME, where),
          });
          if (code !== 0) failed.push({ where, line, code, stderr });
        }
      } finally {
        await dev.stop();
      }
      expect(failed).to.deep.equal([]);
    });
  });

  it('shows only configurations that are valid [MCP-139]', async () => {
    const blocks = (await documentedYaml(root)).filter(({ text }) => OF_DAEMON.test(text));
    expect(blocks.map(({ where }) => where.split(':')[0])).to.include.members(['docs/tools.md', 'docs/mcp.md']);
    await inEmptyHome(async (home) => {
      const failed: unknown[] = [];
      for (const { where, text } of blocks) {
        const file = join(home.HOME, 'configuration.yaml');
        await writeFile(file, text);
        const { code, stderr } = await orchestrator(['config', 'validate', '--config', file], { env: home });
        // Plugins that the reader is to write are not there.
        const absent = stderr.includes('does not exist or cannot be read');
        if ((code !== 0 && !absent) || stderr.includes('cannot use its configuration')) failed.push({ where, stderr });
      }
      expect(failed).to.deep.equal([]);
    });
  });

  it('is read block by block: only those tagged sh, without comments, continued lines joined', () => {
    const page = [
      '```sh',
      '# one',
      'orc status',
      '',
      'orc request echo \\',
      "  '1'",
      '```',
      '```text',
      'orc no',
      '```',
      'orc no',
    ];
    expect(commandsOf(page.join('\n'), 'a.md')).to.deep.equal([
      { where: 'a.md:3', line: 'orc status' },
      { where: 'a.md:5', line: "orc request echo '1'" },
    ]);
  });
});

/** A working directory of each page's own, so that what one writes is not in another's way. */
async function freshDirectory(home: string, where: string): Promise<string> {
  const directory = join(home, 'pages', where.replace(/:\d+$/, '').replaceAll('/', '-'));
  await mkdir(directory, { recursive: true });
  return directory;
}
