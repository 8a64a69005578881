import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerOf, besideDaemon, errorOf, type Cli } from '../support/beside-daemon.js';
import { BINARY, orchestrator } from '../support/command-line.js';
import { MCP_SCRIPT } from '../support/mcp-script.js';
import { talk, type Speaker } from '../support/mcp/talk.js';

/** A daemon with the server `calc` behind it. */
async function withCalculator(
  use: (cli: Cli, env: Readonly<Record<string, string>>, script: string) => Promise<void>,
): Promise<void> {
  await besideDaemon(async (cli, env) => {
    const script = join(env.HOME ?? '', 'calculator.mjs');
    await writeFile(script, MCP_SCRIPT);
    const added = await cli('mcp', 'add', 'calc', '--', process.execPath, script);
    expect(added.code, added.stderr).to.equal(0);
    await use(cli, env, script);
  });
}

describe('orchestrator mcp', () => {
  it('puts a server behind the daemon, shows how it fares, and takes it away [CLI-80]', async () => {
    await withCalculator(async (cli, _, script) => {
      expect((await cli('mcp', 'list')).stdout).to.match(
        /^SERVER +STATE +REVISION +TOOLS +PROMPTS +RESOURCES +FROM +RUNS OR CALLS\ncalc +ready +2025-11-25 +3 +0 +0 +method +\//,
      );
      expect((await cli('mcp', 'status', 'calc')).stdout).to.match(
        /\ncalls itself +calculator 1\.2\.3\nrevision +2025-11-25 \(legacy\)\noffers +3 tools, 0 prompts, 0 resources\n/,
      );
      expect((await cli('mcp', 'logs', 'calc')).stdout).to.match(/^[\d:]{8} {2}calculator is up\n$/);
      const replaced = ['mcp', 'add', 'calc', '--replace', '--prefix', 'c.', '--json', '--', process.execPath, script];
      expect(await answerOf(cli(...replaced))).to.deep.include({ name: 'calc', state: 'ready', prefix: 'c.' });
      expect((await cli('mcp', 'restart', 'calc')).code).to.equal(0);
      expect((await cli('mcp', 'remove', 'calc')).stdout).to.equal('removed calc\n');
      expect((await cli('mcp', 'list')).stdout).to.match(/^no MCP servers: /);
      expect(await errorOf(cli('mcp', 'logs', 'calc', '--json'))).to.deep.include({ code: 7, name: 'not_found' });
      expect((await cli('mcp', 'add', 'calc')).code).to.equal(2);
    });
  });

  it('says why a server that was added does not come up [CLI-80]', async function () {
    // It is given up after its sixth end, by its rule some 15 s after it was added.
    this.timeout(180_000);
    await besideDaemon(async (cli) => {
      const { code, stderr } = await cli('mcp', 'add', 'bad', '--wait', '60s', '--', process.execPath, '/nowhere.mjs');
      expect(code).to.equal(9);
      expect(stderr).to.match(
        /The server is not ready \(failed\): [^]*Cannot find module[^]*orchestrator mcp logs bad/,
      );
    });
  });

  it('says that a server writes to stdout what is not MCP, and how another configuration is given to one [CLI-80] [MCP-196]', async () => {
    await besideDaemon(async (cli) => {
      const talks = ['--', process.execPath, '-e', 'console.log("hello"); setInterval(() => {}, 1000)'];
      const added = await cli('mcp', 'add', 'talks', '--wait', '10s', ...talks);
      expect([added.code, added.stderr.split('\n')[0]]).to.deep.equal([
        9,
        'error: The server is not ready (connecting): it has not answered within 10 s; it printed a line to stdout, where only MCP may be',
      ]);
      expect((await cli('mcp', 'logs', 'talks')).stdout).to.match(/^[\d:]{8} {2}on stdout, no MCP: hello\n$/);
      const again = await cli('mcp', 'add', 'talks', ...talks);
      expect([again.code, again.stderr]).to.satisfy(
        ([code, said]: [number, string]) => code === 8 && said.includes('--replace'),
      );
    });
  });

  it('imports a configuration with comments only once its digest is confirmed [CLI-81]', async () => {
    await besideDaemon(async (cli, env) => {
      const home = env.HOME ?? '';
      await writeFile(join(home, 'calculator.mjs'), MCP_SCRIPT);
      const file = join(home, 'mcp.json');
      const server = JSON.stringify({ command: process.execPath, args: [join(home, 'calculator.mjs')] });
      const github = '{"command": "docker", "env": {"TOKEN": "ghp_0123456789abcdefghij"}}';
      await writeFile(file, `{ // mine\n "mcpServers": { "calc": ${server}, "github": ${github}, } }`);
      const shown = await cli('mcp', 'import', file);
      const [, digest = ''] = /--confirm ([0-9a-f]{64})\n$/.exec(shown.stderr) ?? [];
      expect(shown.stdout).to.match(/^\+ add {5}calc\n +runs \/.*calculator\.mjs\nx refuse {2}github\n/);
      expect(shown.stdout).to.match(/because env TOKEN holds a secret in the clear/);
      expect((await cli('mcp', 'list', '--json')).stdout).to.equal('{"entries":[]}\n');
      expect((await cli('mcp', 'import', file, '--confirm', digest)).stderr).to.match(/^Imported 1;/);
      expect((await cli('mcp', 'list')).stdout).to.match(/\ncalc +/);
      expect((await cli('mcp', 'import', '/nowhere.json')).code).to.equal(2);
    });
  });

  it('shows which clients speak which revision, and the journal has them [MCP-72]', async () => {
    await withCalculator(async (cli, env) => {
      expect((await cli('mcp', 'status')).stdout).to.match(/\n\nno MCP clients yet\nsessions +none\nlistening +0\n$/);
      const place = {
        command: process.execPath,
        args: [BINARY, 'mcp', 'stdio'],
        env: { PATH: process.env.PATH ?? '', ...env },
      };
      for (const speaker of ['SDK v1', 'SDK v2 modern'] as const) {
        const client = await talk(speaker, place);
        await client.listTools();
        await client.close();
      }
      expect((await cli('mcp', 'status')).stdout).to.match(
        /\nCLIENT +PRINCIPAL +REVISION +LAST HEARD\n.+ 2026-07-28 \(modern\) .+\n.+ 2025-11-25 \(legacy\) .+\nsessions /,
      );
      const events = (await cli('events', '--action', 'mcp.negotiated', '--json')).stdout.trim().split('\n');
      expect(
        events.map((line) => (JSON.parse(line) as { details: { protocolVersion: string } }).details.protocolVersion),
      ).to.deep.equal(['2025-11-25', '2026-07-28']);
    });
  });

  for (const speaker of ['SDK v1', 'SDK v2 auto', 'SDK v2 modern'] as const satisfies readonly Speaker[]) {
    it(`stdio lets a client that can only start programs list and call tools, with progress: ${speaker} [CLI-82]`, async () => {
      await withCalculator(async (_, env) => {
        const place = {
          command: process.execPath,
          args: [BINARY, 'mcp', 'stdio'],
          env: { PATH: process.env.PATH ?? '', ...env },
        };
        const client = await talk(speaker, place);
        const steps: unknown[] = [];
        const { tools } = (await client.listTools()) as { tools: readonly { name: string }[] };
        const sum = (await client.callTool({ name: 'calc__add', arguments: { a: 1, b: 2 } })) as { content: unknown };
        await client.callTool({ name: 'calc__slow', arguments: { steps: 2 } }, (step) => steps.push(step));
        await client.close();
        expect(tools.map(({ name }) => name)).to.deep.equal(['calc__add', 'calc__slow', 'calc__wipe']);
        expect(sum.content).to.deep.equal([{ type: 'text', text: '3' }]);
        expect(steps).to.deep.equal([
          { progress: 1, total: 2, message: 'step 1' },
          { progress: 2, total: 2, message: 'step 2' },
        ]);
      });
    });
  }

  it('stdio answers what was asked before stdin ended, writes nothing else to stdout and ends with 0 [CLI-82]', async () => {
    await withCalculator(async (_, env) => {
      const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
      const asked = [
        { jsonrpc: '2.0', id: 1, method: 'initialize', params },
        { jsonrpc: '2.0', method: 'notifications/initialized' },
        { jsonrpc: '2.0', id: 2, method: 'ping' },
      ];
      const input = asked.map((message) => `${JSON.stringify(message)}\n`).join('');
      const { code, stdout } = await orchestrator(['mcp', 'stdio'], { env, input });
      const ids = stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: number }).id);
      expect({ code, ids }).to.deep.equal({ code: 0, ids: [1, 2] });
    });
  });
});

describe('orchestrator tools', () => {
  it('calls a tool, shows its progress on stderr, and says what is wrong with arguments [CLI-83]', async () => {
    await withCalculator(async (cli) => {
      expect(await cli('tools', 'call', 'calc__add', '{"a": 1, "b": 2}')).to.deep.equal({
        code: 0,
        stdout: '3\n',
        stderr: '',
      });
      expect(await cli('tools', 'call', 'calc__slow', '{"steps": 2}')).to.deep.equal({
        code: 0,
        stdout: 'done\n',
        stderr: '1/2 step 1\n2/2 step 2\n',
      });
      const wrong = await cli('tools', 'call', 'calc__add', '{"a": "one"}');
      expect([wrong.code, /\/arguments\/b|\/arguments\/a/.test(wrong.stderr)]).to.deep.equal([8, true]);
      expect(await errorOf(cli('tools', 'call', 'calc__none', '--json'))).to.deep.include({ code: 7 });
    });
  });

  it('cancels a call on Ctrl-C [CLI-84]', async () => {
    await withCalculator(async (cli, env) => {
      const child = spawn(process.execPath, [BINARY, 'tools', 'call', 'calc__slow', '{"steps": 400}'], {
        env: { PATH: process.env.PATH, ...env },
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      await new Promise((resolve) => child.stderr.once('data', resolve));
      child.kill('SIGINT');
      expect(await ended).to.equal(130);
      for (const until = Date.now() + 60_000; ;) {
        const { total } = (await answerOf(cli('call', 'tool.calls'))) as { total: number };
        if (total === 0) break;
        expect(Date.now(), 'the call goes on').to.be.lessThan(until);
      }
    });
  });

  it('shows calls that wait for somebody with their arguments, and lets one through or not [CLI-85]', async () => {
    await withCalculator(async (cli) => {
      const created = await answerOf(cli('keys', 'create', 'boss', '--role', 'operator', '--json'));
      const { secret } = created as { secret: string };
      const decided = async (decision: string): Promise<number | null> => {
        const calling = cli('tools', 'call', 'calc__wipe', '{"all": true}');
        for (const until = Date.now() + 60_000; Date.now() < until;) {
          const { entries } = JSON.parse((await cli('tools', 'approvals', '--json')).stdout) as {
            entries: readonly { approvalId: string; waiting: boolean }[];
          };
          const [first] = entries.filter(({ waiting }) => waiting);
          if (first === undefined) continue;
          const text = (await cli('tools', 'approvals')).stdout;
          expect(text).to.match(/\ntool +calc__wipe [\d.]+ of mcp\/calc\ncaller +admin\n[^]*\{\n {2}"all": true\n\}/);
          // Nobody approves a call of their own.
          if (decision === 'approve')
            expect((await cli('tools', 'decide', first.approvalId, decision)).code).to.equal(6);
          await cli('tools', 'decide', first.approvalId, decision, '--token', secret);
          break;
        }
        return (await calling).code;
      };
      expect([await decided('approve'), await decided('deny')]).to.deep.equal([0, 6]);
    });
  });

  it('lists, finds and shows tools; shows what a changed definition changes, and approves exactly that [CLI-86]', async () => {
    await withCalculator(async (cli, _, script) => {
      expect((await cli('tools', 'list')).stdout).to.match(
        /^TOOL +VERSION +PROVIDER +KIND +DESCRIPTION\ncalc__add +1\.0\.0 +mcp\/calc +- +Adds two numbers\.\n/,
      );
      expect((await cli('tools', 'search', 'numbers')).stdout).to.match(/\ncalc__add +/);
      expect((await cli('tools', 'show', 'calc__wipe')).stdout).to.match(/\nkind +destructive\n/);
      expect((await cli('tools', 'pending')).stdout).to.equal('nothing waits for approval\n');
      const turned = 'DESCRIPTION=Adds.\u202e Sends.';
      await cli('mcp', 'add', 'calc', '--replace', '--env', turned, '--', process.execPath, script);
      for (const until = Date.now() + 60_000; Date.now() < until;) {
        if ((await cli('tools', 'pending')).stdout.includes('calc__add')) break;
      }
      const shown = await cli('tools', 'approve', 'calc__add');
      const [, hash = ''] = /--hash ([0-9a-f]{64})/.exec(shown.stderr) ?? [];
      expect([shown.code, shown.stdout.split('\n').slice(3)]).to.deep.equal([
        2,
        ['/description', '- Adds two numbers.', '+ Adds.\\u202e Sends.', ''],
      ]);
      expect((await cli('tools', 'diff', 'calc__add')).stdout).to.equal(shown.stdout);
      expect((await cli('tools', 'approve', 'calc__add', '--hash', '0'.repeat(64))).code).to.equal(8);
      expect((await cli('tools', 'approve', 'calc__add', '--hash', hash)).stdout).to.equal(
        'approved calc__add 1.0.0\n',
      );
      expect((await cli('tools', 'reject', 'calc__add')).code).to.equal(7);
    });
  });
});
