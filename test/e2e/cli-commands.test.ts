import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerOf, besideDaemon, errorOf } from '../support/beside-daemon.js';
import { BINARY, orchestrator, run } from '../support/command-line.js';
import { startDev } from '../support/dev-daemon.js';
import { inEmptyHome } from '../support/temp-home.js';

describe('orchestrator, beside a daemon', () => {
  it('shows status and agents as JSON that is what the methods answer [CLI-20]', async () => {
    await besideDaemon(async (cli) => {
      const [list, called] = [
        await answerOf(cli('agents', 'list', '--json')),
        await answerOf(cli('call', 'agent.list')),
      ];
      const withoutTimes = (value: unknown) => JSON.stringify(value).replace(/"leaseExpiresAt":"[^"]+",?/g, '');
      expect(withoutTimes(list)).to.equal(withoutTimes(called));
      const one = (await answerOf(cli('agents', 'show', 'echo', '--json'))) as { agentId: string; state: string };
      expect({ agentId: one.agentId, state: one.state }).to.deep.equal({ agentId: 'echo', state: 'ready' });
      const status = (await answerOf(cli('status', '--json'))) as { ready: boolean; agents: Record<string, number> };
      expect({ ready: status.ready, agents: status.agents.ready }).to.deep.equal({ ready: true, agents: 2 });
    });
  });

  it('writes tables without colours into a pipe [CLI-20]', async () => {
    await besideDaemon(async (cli) => {
      const { stdout, stderr } = await cli('agents', 'list', '--skill', 'greet');
      expect(stderr).to.equal('');
      expect(stdout).to.match(
        /^AGENT {4}STATE {2}SKILLS {2}VERSION {2}IN FLIGHT {2}CHANGED\ngreeter {2}ready {2}greet/,
      );
      const status = await cli('status');
      expect(status.stdout).to.contain('agents     2 ready').and.to.not.contain('\u001b');
    });
  });

  it('asks an agent with JSON, text, from a pipe and in parts [CLI-21]', async () => {
    await besideDaemon(async (cli, env) => {
      expect(await answerOf(cli('request', 'echo', '{"a": [1]}', '--json'))).to.deep.equal({
        agent: 'echo',
        payload: { a: [1] },
      });
      expect((await cli('request', 'echo', '--text', 'just text')).stdout).to.equal('"just text"\n');
      expect((await orchestrator(['request', 'echo', '-'], { env, input: '[2]' })).stdout).to.equal('[2]\n');
      const { stdout } = await cli('request', '--skill', 'echo', '--stream', '--json', '"one two"');
      expect(
        stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as unknown),
      ).to.deep.equal([{ partial: 'one' }, { partial: 'two' }, { agent: 'echo', payload: 'one two' }]);
    });
  });

  it('suggests the name that was meant, of what the caller may see, and says where names are listed [CLI-87]', async () => {
    await besideDaemon(async (cli) => {
      await cli('contexts', 'create', 'planning');
      const { key, secret } = (await answerOf(cli('keys', 'create', 'stranger', '--role', 'agent', '--json'))) as {
        key: { keyId: string };
        secret: string;
      };
      const mistakes = [
        ['keys', 'revoke', key.keyId.slice(0, -1)],
        ['agents', 'show', 'ecko'],
        ['send', '--skill', 'gret', '{}'],
        ['contexts', 'read', 'planing'],
        ['contexts', 'read', 'planing', '--token', secret],
        ['mcp', 'status', 'nothing-like-it'],
      ];
      const hints = [];
      for (const words of mistakes) hints.push((await cli(...words)).stderr.split('\n')[1]);
      expect(hints).to.deep.equal([
        `hint:  Did you mean ${key.keyId}? "orchestrator keys list" shows them.`,
        'hint:  Did you mean echo? "orchestrator agents list" shows the agents that you may see.',
        'hint:  Did you mean greet? "orchestrator messages explain --skill SKILL" says who has it, and why none of them gets this.',
        'hint:  Did you mean planning? "orchestrator contexts list" shows those that you take part in.',
        'hint:  "orchestrator contexts list" shows those that you take part in.',
        'hint:  "orchestrator mcp list" shows the servers.',
      ]);
    });
  });

  it('ends with an exit code for what was refused, and says which error it was [CLI-22]', async () => {
    await besideDaemon(async (cli) => {
      expect([
        await errorOf(cli('agents', 'show', 'nobody', '--json')),
        await errorOf(cli('request', '--skill', 'nothing', '1', '--json')),
        await errorOf(cli('request', 'greeter', '1', '--json')),
        await errorOf(cli('call', 'agent.list', '{"limit": 0}', '--json')),
        await errorOf(cli('call', 'agent.lst', '--json')),
        await errorOf(cli('status', '--token', 'orc_wrong', '--json')),
      ]).to.deep.equal([
        { code: 7, stdout: '', name: 'agent_not_found' },
        { code: 9, stdout: '', name: 'no_agent_for_skill' },
        { code: 8, stdout: '', name: 'agent_failed' },
        { code: 8, stdout: '', name: 'invalid_params' },
        { code: 7, stdout: '', name: 'method_not_found' },
        { code: 5, stdout: '', name: 'unauthenticated' },
      ]);
      expect((await cli('call', 'agent.lst')).stderr).to.contain('Did you mean agent.list?');
    });
  });

  it('makes keys, uses, rotates and revokes them [CLI-23]', async () => {
    await besideDaemon(async (cli) => {
      const made = await cli('keys', 'create', 'watcher', '--role', 'observer', '--expires', '1h', '--json');
      const { key, secret } = JSON.parse(made.stdout) as { key: { keyId: string; roles: string[] }; secret: string };
      expect({ code: made.code, roles: key.roles }).to.deep.equal({ code: 0, roles: ['observer'] });
      expect(made.stderr).to.contain('not shown again');
      const as = (token: string, ...argv: string[]) => cli(...argv, '--token', token).then(({ code }) => code);
      expect(await as(secret, 'agents', 'list')).to.equal(0);
      expect(await as(secret, 'keys', 'list')).to.equal(6);
      const listed = (await answerOf(cli('keys', 'list', '--json'))) as { entries: { keyId: string; name: string }[] };
      expect(listed.entries.find(({ keyId }) => keyId === key.keyId)?.name).to.equal('watcher');
      const rotated = (await answerOf(cli('keys', 'rotate', key.keyId, '--json'))) as { secret: string };
      expect([await as(secret, 'agents', 'list'), await as(rotated.secret, 'agents', 'list')]).to.deep.equal([5, 0]);
      expect((await cli('keys', 'revoke', key.keyId)).stdout).to.equal(`revoked ${key.keyId}\n`);
      expect(await as(rotated.secret, 'agents', 'list')).to.equal(5);
    });
  });

  it('shows, stops and restarts the programs that the daemon runs [CLI-24]', async () => {
    await besideDaemon(async (cli) => {
      const programs = (await answerOf(cli('agents', 'programs', '--json'))) as { entries: { name: string }[] };
      expect(programs.entries.map(({ name }) => name)).to.deep.equal(['echo', 'greeter']);
      expect((await cli('agents', 'logs', 'echo', '-n', '1')).stdout).to.contain('echo is ready');
      const state = async (verb: string) =>
        ((await answerOf(cli('agents', verb, 'echo', '--json'))) as { state: string }).state;
      expect(await state('stop')).to.equal('stopped');
      expect(['running', 'starting']).to.include(await state('restart'));
      expect(await errorOf(cli('agents', 'logs', 'nobody', '--json'))).to.deep.equal({
        code: 7,
        stdout: '',
        name: 'not_found',
      });
    });
  });

  it('reads the journal, follows it, and says on Ctrl-C where to go on [CLI-25]', async () => {
    await besideDaemon(async (cli, env) => {
      const page = (await answerOf(cli('journal', 'read', '--limit', '2', '--json'))) as {
        entries: { sequence: number }[];
      };
      expect(page.entries.map(({ sequence }) => sequence)).to.deep.equal([1, 2]);
      expect((await cli('events', '-n', '1000', '--action', 'agent.')).stdout).to.match(
        /agent\.registered\s+agent\/echo/,
      );

      const argv = [BINARY, 'events', '--follow', '-n', '0', '--action', 'key.created', '--json'];
      const child = spawn(process.execPath, argv, { env: { ...process.env, ...env } });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
      const first = new Promise<string>((resolve) => child.stdout.setEncoding('utf8').once('data', resolve));
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      let seen: string | undefined;
      void first.then((text) => (seen = text));
      // Its subscription opens at a moment of its own: keys are made until it has told of one.
      for (let i = 0; seen === undefined && i < 30; i++) await cli('keys', 'create', `key-${i}`);
      expect(JSON.parse((await first).split('\n')[0] ?? '')).to.include({ action: 'key.created', outcome: 'success' });
      child.kill('SIGINT');
      expect(await ended).to.equal(130);
      const cursor = /--after (\S+?)"/.exec(stderr)?.[1];
      expect(cursor, stderr).to.be.a('string');
      expect((await cli('events', '--after', cursor ?? '', '--json')).code).to.equal(0);
    });
  });

  it('ends quietly when its reader has seen enough [CLI-26]', async () => {
    await besideDaemon(async (_, env) => {
      const pipe = `set -o pipefail; ${process.execPath} ${BINARY} events -n 1000 | head -n 1`;
      const { code, stdout, stderr } = await run('bash', ['-c', pipe], { env });
      expect({ code, lines: stdout.trim().split('\n').length, stderr }).to.deep.equal({
        code: 0,
        lines: 1,
        stderr: '',
      });
    });
  });

  it('verifies the journal of a daemon that has stopped, and not of one that runs [CLI-14]', async () => {
    await inEmptyHome(async (env) => {
      const dev = await startDev(env);
      const verify = () => orchestrator(['journal', 'verify', dev.ready.dataDirectory], { env });
      const running = await verify();
      expect({ code: running.code, stdout: running.stdout }).to.deep.equal({ code: 11, stdout: '' });
      await dev.stop();
      const { code, stdout } = await verify();
      expect(code).to.equal(0);
      expect(stdout).to.match(/^journal {6}valid\nrecords {6}\d+\n/);
    });
  });

  it('examines a daemon that runs, and its store once it has stopped [CLI-15]', async () => {
    await inEmptyHome(async (env) => {
      const dev = await startDev(env);
      const examined = async () => {
        const argv = ['doctor', '--data-dir', dev.ready.dataDirectory, '--http-port', '0', '--json'];
        const report = (await answerOf(orchestrator(argv, { env }))) as {
          findings: { check: string; verdict: string }[];
        };
        return report.findings.filter(({ verdict }) => verdict === 'ok').map(({ check }) => check);
      };
      expect(await examined()).to.include.members(['daemon', 'readiness', 'plugins', 'store', 'journal']);
      await dev.stop();
      expect(await examined()).to.include.members(['daemon', 'port', 'store', 'journal']);
    });
  });

  it('loads a new plugin from a plugin root without being told its name [CLI-27]', async () => {
    await inEmptyHome(async (home) => {
      const root = join(home.HOME, 'plugins');
      const made = await orchestrator(['plugin', 'new', 'word-count', '--directory', root], { env: home });
      expect(made.code).to.equal(0);
      expect((await run('npm', ['run', 'build'], { cwd: join(root, 'word-count') })).code).to.equal(0);
      await writeFile(join(root, 'config.json'), JSON.stringify({ pluginRoots: [root] }));
      const dev = await startDev(home, ['--config', join(root, 'config.json')]);
      try {
        const called = orchestrator(['call', 'wordCount.greet', '{"name": "Ada"}'], { env: home });
        expect(await answerOf(called)).to.deep.equal({ text: 'Hello, Ada!' });
        const events = await orchestrator(['events', '--action', 'wordCount.greeted', '--json'], { env: home });
        expect(JSON.parse(events.stdout)).to.deep.include({ principal: 'admin', details: { characters: 11 } });
      } finally {
        await dev.stop();
      }
    });
  });
});
