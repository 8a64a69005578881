import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BINARY, orchestrator, run } from '../support/command-line.js';
import { inEmptyHome, inTempDirectory } from '../support/temp-home.js';

/** Every command with its words, read from the help itself, so that a new command is looked at too. */
async function everyCommand(): Promise<string[][]> {
  const { stdout } = await orchestrator(['completion', 'bash']);
  const paths = /case "\$place \$\{COMP_WORDS\[i\]\}" in\s+(.*)\) place=/.exec(stdout)?.[1] ?? '';
  return paths.split(' | ').map((path) => path.replaceAll("'", '').trim().split(' '));
}

describe('orchestrator, how it is used', () => {
  it('prints its commands on stdout, with or without --help [CLI-01]', async () => {
    const [bare, help] = await Promise.all([orchestrator([]), orchestrator(['--help'])]);
    expect(bare).to.deep.equal(help);
    expect({ code: help.code, stderr: help.stderr }).to.deep.equal({ code: 0, stderr: '' });
    const names = [...help.stdout.matchAll(/^ {2}([a-z][a-z-]*) {2,}/gm)].map((match) => match[1]);
    expect(names).to.deep.equal([
      'dev',
      'start',
      'status',
      'agents',
      'call',
      'events',
      'request',
      'send',
      'messages',
      'inbox',
      'dead-letters',
      'tasks',
      'tools',
      'contexts',
      'timeline',
      'state',
      'mcp',
      'keys',
      'journal',
      'config',
      'doctor',
      'plugin',
      'completion',
    ]);
  });

  it('has help with examples for every command [CLI-02]', async () => {
    const commands = await everyCommand();
    expect(commands.length).to.be.greaterThan(20);
    for (const words of commands) {
      const { code, stdout, stderr } = await orchestrator([...words, '--help']);
      expect({ code, stderr }, words.join(' ')).to.deep.equal({ code: 0, stderr: '' });
      expect(stdout.startsWith(`Usage: orchestrator ${words.join(' ')}`), words.join(' ')).to.equal(true);
      const isGroup = commands.some((other) => other.length > words.length && other[0] === words[0]);
      if (!isGroup) expect(stdout, words.join(' ')).to.match(/\nExamples:\n {2}# .+\n {2}.*orchestrator/);
    }
  });

  it('shows a default as it is written on the command line [CLI-02]', async () => {
    const { stdout } = await orchestrator(['tasks', 'submit', '--help']);
    expect(stdout.replace(/\s+/g, ' ')).to.contain('how long to wait for its end (default: 10 m)');
  });

  it('loads no library of the daemon for --help [CLI-03]', async () => {
    const { stdout } = await run(process.execPath, [
      '--input-type=module',
      '--eval',
      `process.argv.splice(1, 1, 'orchestrator', '--help');
       await import(${JSON.stringify(BINARY)});
       const { createRequire } = await import('node:module');
       const loaded = Object.keys(createRequire(${JSON.stringify(BINARY)}).cache);
       console.log(JSON.stringify(loaded.filter((file) => !/\\/commander\\//.test(file))));`,
    ]);
    const loaded = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as string[];
    expect(loaded.map((file) => /node_modules\/([^/]+)\//.exec(file)?.[1])).to.deep.equal(
      loaded.map(() => 'picocolors'),
    );
  });

  const mistakes: [string, string[], string, string][] = [
    ['an unknown command', ['statsu'], "unknown command 'statsu'", 'Did you mean status?'],
    ['an unknown command of a group', ['keys', 'lst'], "unknown command 'lst'", 'Did you mean list?'],
    ['an unknown option', ['agents', 'list', '--skil', 'x'], "unknown option '--skil'", 'Did you mean --skill?'],
    ['a group without a command', ['agents'], '"orchestrator agents" needs a command: list,', '--help'],
    ['a missing argument', ['agents', 'show'], "missing required argument 'agent'", 'orchestrator agents show --help'],
    ['an argument too many', ['status', 'now'], 'too many arguments', 'orchestrator status --help'],
    ['a number out of bounds', ['events', '-n', '5000'], 'from 0 to 1000', 'orchestrator events --help'],
    ['a duration that is none', ['keys', 'create', 'a', '--expires', 'soon'], '500ms, 30s', '--help'],
    ['a role that is none', ['keys', 'create', 'a', '--role', 'boss'], 'admin, operator, agent, observer', '--help'],
    ['params that are not JSON', ['call', 'daemon.ping', '{'], 'PARAMS is not JSON', 'Quote it for the shell'],
    ['params that are no object', ['call', 'daemon.ping', '[]'], 'PARAMS is not a JSON object', ''],
    ['a request of nobody', ['request', 'echo'], 'needs an agent and a payload', '--skill'],
    ['a request of two', ['request', 'echo', '1', '--skill', 'greet'], 'Both an agent (echo) and --skill greet', ''],
    [
      'a URL that is none',
      ['status', '--url', 'here', '--token', 'x'],
      '"here" is not a URL',
      'ws://127.0.0.1:7420/rpc',
    ],
  ];
  for (const [what, argv, message, hint] of mistakes) {
    it(`names ${what} and what was probably meant, and ends with 2 [CLI-04]`, async () => {
      const { code, stdout, stderr } = await inEmptyHome((env) => orchestrator(argv, { env }));
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr).to.contain(message);
      expect(stderr).to.contain(hint);
    });
  }

  it('writes a mistake as an error object with --json [CLI-05]', async () => {
    const { code, stdout, stderr } = await orchestrator(['agents', 'show', '--json']);
    expect({ code, stdout, stderr: JSON.parse(stderr) as unknown }).to.deep.equal({
      code: 2,
      stdout: '',
      stderr: {
        error: {
          message: "missing required argument 'agent'",
          hint: '"orchestrator agents show --help" shows what it takes.',
          exit: 'usage',
          exitCode: 2,
        },
      },
    });
  });

  it('says where it looked when no daemon runs, and ends with 4 [CLI-06]', async () => {
    await inEmptyHome(async (env) => {
      const { code, stdout, stderr } = await orchestrator(['status'], { env });
      expect({ code, stdout }).to.deep.equal({ code: 4, stdout: '' });
      expect(stderr).to.contain(`No daemon runs on this machine (looked in ${env.XDG_STATE_HOME}/ai-orchestrator, `);
      expect(stderr).to.contain('orchestrator dev');
    });
  });

  it('says which address does not answer, and ends with 4 [CLI-06]', async () => {
    const argv = ['status', '--url', 'ws://127.0.0.1:1/rpc', '--token', 'orc_x'];
    const { code, stdout, stderr } = await orchestrator(argv);
    expect({ code, stdout }).to.deep.equal({ code: 4, stdout: '' });
    expect(stderr).to.contain('No daemon answers at ws://127.0.0.1:1/rpc (connect ECONNREFUSED 127.0.0.1:1)');
  });

  it('sends the local key to no other address [CLI-07]', async () => {
    await inEmptyHome(async (env) => {
      const { code, stderr } = await orchestrator(['status', '--url', 'ws://127.0.0.1:1/rpc'], { env });
      expect(code).to.equal(5);
      expect(stderr).to.contain('There is no key for ws://127.0.0.1:1/rpc');
    });
  });

  it('completes commands, options, choices and methods in bash [CLI-08]', async () => {
    const { stdout: script } = await orchestrator(['completion', 'bash']);
    await inTempDirectory(async (directory) => {
      await writeFile(join(directory, 'completion.bash'), script);
      const complete = async (line: string) => {
        const words = line
          .split(' ')
          .map((word) => `'${word}'`)
          .join(' ');
        const { stdout, stderr } = await run(
          'bash',
          [
            '--norc',
            '-c',
            `source completion.bash; COMP_WORDS=(${words}); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _orchestrator; echo "\${COMPREPLY[*]}"`,
          ],
          { cwd: directory },
        );
        expect(stderr).to.equal('');
        return stdout.trim();
      };
      expect({
        command: await complete('orchestrator st'),
        below: await complete('orchestrator keys r'),
        option: await complete('orchestrator agents list --ski'),
        choice: await complete('orchestrator keys create a --role o'),
        method: await complete('orchestrator call agent.s'),
        afterOption: await complete('orchestrator --json journal v'),
      }).to.deep.equal({
        command: 'start status state',
        below: 'rotate revoke reset-admin',
        option: '--skill --skill-version',
        choice: 'operator observer',
        method: 'agent.setState agent.suspend',
        afterOption: 'verify',
      });
    });
  });

  it('writes completion scripts for zsh and fish that have every command and method [CLI-08]', async () => {
    const commands = await everyCommand();
    for (const shell of ['zsh', 'fish']) {
      const { code, stdout } = await orchestrator(['completion', shell]);
      expect(code).to.equal(0);
      for (const words of commands) expect(stdout, shell).to.contain(words.at(-1));
      expect(stdout, shell).to.contain('message.request');
    }
  });
});
