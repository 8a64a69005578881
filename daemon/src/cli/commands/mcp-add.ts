import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { CommandFailure } from '../command-failure.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { serverNotReady } from '../server-not-ready.js';
import { startedServer } from '../started-server.js';
import { mcpServersText } from '../mcp-text.js';
import { duration, labels } from '../values.js';

interface AddOptions extends ConnectionOptions {
  readonly at?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly header?: Readonly<Record<string, string>>;
  readonly prefix?: string;
  readonly cwd?: string;
  readonly perCaller?: boolean;
  readonly sandbox?: boolean;
  readonly network?: boolean;
  readonly replace?: boolean;
  readonly wait: number;
}

/** `orchestrator mcp add` */
export function mcpAdd(command: Command, context: Context): void {
  command
    .usage('<server> [options] -- <command> [args...]\n       orchestrator mcp add <server> --at <url> [options]')
    .argument('<server>', 'what it is called here')
    .argument('[command...]', 'what the daemon runs, without a shell; after "--"')
    .option('--at <url>', 'streamable HTTP endpoint of a server that runs elsewhere')
    .option('--env <name=value>', 'a variable for it; of a secret file:/path, env:NAME or credential:NAME', labels)
    .option('--header <name=value>', 'sent with each request; of a secret a reference as with --env', labels)
    .option('--prefix <prefix>', 'before the names of its tools; SERVER__ unless said, "" for none')
    .option('--cwd <directory>', 'where the command runs')
    .option('--per-caller', 'each caller has an instance of its own')
    .option('--sandbox', 'run it in bubblewrap, without network')
    .option('--network', 'with --sandbox: it reaches the network')
    .option('--replace', 'give a server that is there this configuration instead of its own')
    .option('--wait <duration>', 'how long to wait until it is ready', duration, 60_000);
  examples(connectionOptions(command), [
    {
      says: 'A server that the daemon runs',
      line: 'orchestrator mcp add files -- npx -y @modelcontextprotocol/server-filesystem /srv/shared',
    },
    {
      says: 'One that needs a secret, which the daemon reads from a file',
      line: 'orchestrator mcp add github --env GITHUB_TOKEN=file:/etc/ai-orchestrator/github.token -- github-mcp-server stdio',
    },
    { says: 'One that runs elsewhere', line: 'orchestrator mcp add docs --at https://docs.example.org/mcp' },
  ]).action(async (name: string, [program, ...args]: readonly string[], options: AddOptions) => {
    const { at: url, env, header: headers, prefix, cwd: workingDirectory, perCaller, sandbox, network } = options;
    if ((program === undefined) === (url === undefined)) {
      throw new CommandFailure('usage', 'A server is either a command or a URL.', 'Write -- COMMAND, or --at URL.');
    }
    const server = defined({
      command: program,
      args: args.length === 0 ? undefined : args,
      url,
      env,
      headers,
      prefix,
      workingDirectory,
      instances: perCaller === true ? ('per-caller' as const) : undefined,
      sandbox: sandbox === true ? { network: network === true } : undefined,
    });
    const { output } = context;
    await withDaemon(context, options, async (daemon) => {
      await daemon.call(options.replace === true ? 'mcp.change' : 'mcp.add', { name, server });
      if (output.terminal)
        output.note(output.noteStyle.dim(`waiting until ${name} is ready; Ctrl-C leaves it at that`));
      const status = await startedServer(daemon, name, options.wait);
      output.answer(status, () => mcpServersText([status], output));
      if (status.state === 'ready') return;
      throw serverNotReady(status, options.wait);
    });
  });
}
