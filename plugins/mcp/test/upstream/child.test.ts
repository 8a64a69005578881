import { expect } from 'chai';
import { copyFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { LEGACY_SERVER } from './servers.js';
import { call, eventually, failure, textOf, world } from './world.js';

const caller = (id: string) => ({ caller: { id, kind: 'agent', roles: [], credentialId: id } as const });
interface WhoAmI {
  readonly pid: number;
  readonly env: readonly string[];
}

describe('an MCP server that is a child process', () => {
  it('has a clean environment: ours by name, what the configuration says, and secrets by reference [MCP-08]', async () => {
    await using here = await world();
    process.env.PLANTED_SECRET = 'of the daemon';
    const env = { MODE: 'test', API_TOKEN: 'env:API_TOKEN' };
    const upstream = await here.ready('fixture', await here.script(LEGACY_SERVER, { env }));
    const { env: names } = JSON.parse(textOf(await call(upstream, 'whoami'))) as WhoAmI;
    delete process.env.PLANTED_SECRET;
    // A shell's own, and what Node hands on to every child while coverage is measured.
    const ofOthers = ['LANG', 'TZ', 'PWD', 'OLDPWD', 'SHLVL', '_', 'NODE_V8_COVERAGE'];
    expect(names.filter((name) => !ofOthers.includes(name))).to.deep.equal([
      'API_TOKEN',
      'HOME',
      'MODE',
      'ORCHESTRATOR_RUN',
      'PATH',
    ]);
  });

  it('is one for each caller where it is configured so, bounded, and ends when it is not used [MCP-09]', async () => {
    await using here = await world({ callerInstances: 2, callerIdleMs: 3_000 });
    const upstream = await here.ready('own', await here.script(LEGACY_SERVER, { instances: 'per-caller' }));
    const pidFor = async (id: string) =>
      (JSON.parse(textOf(await call(upstream, 'whoami', {}, caller(id)))) as WhoAmI).pid;
    const pids = [await pidFor('ann'), await pidFor('bob'), await pidFor('ann')];
    const busy = [
      call(upstream, 'slow', { ms: 400 }, caller('ann')),
      call(upstream, 'slow', { ms: 400 }, caller('bob')),
    ];
    const third = await failure(call(upstream, 'whoami', {}, caller('cleo')));
    await Promise.all(busy);
    await eventually('unused ones end', () => here.supervisor.all().length === 1);
    expect([new Set(pids).size, pids[0] === pids[2], third, here.servers.status()[0]?.callerInstances]).to.deep.equal([
      2,
      true,
      'Limit exceeded: 2 callers use this server now',
      0,
    ]);
  });

  it('is not subscribed at where each caller has one, for that would be the one of nobody [MCP-09]', async () => {
    await using here = await world();
    const upstream = await here.ready('own', await here.script(LEGACY_SERVER, { instances: 'per-caller' }));
    expect(await failure(upstream.subscribeResource('memo://1', () => undefined))).to.include('each caller has');
  });

  it('in a sandbox has no network and sees no files but those that it may [MCP-22]', async () => {
    await using here = await world();
    const listener = createServer((socket) => socket.end());
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as { port: number };
    const [open, hidden] = [join(here.directory, 'open'), join(here.directory, 'hidden')];
    await mkdir(open);
    await mkdir(hidden);
    await writeFile(join(hidden, 'secret'), 'x');
    const probe = `
      import { existsSync, writeFileSync } from 'node:fs';
      import { connect } from 'node:net';
      const tried = (run) => { try { run(); return true; } catch { return false; } };
      const reached = await new Promise((resolve) => connect(${port}, '127.0.0.1').once('connect', () => resolve(true)).once('error', () => resolve(false)));
      console.error(JSON.stringify({
        hidden: existsSync(${JSON.stringify(join(hidden, 'secret'))}), reached,
        open: tried(() => writeFileSync(${JSON.stringify(join(open, 'written'))}, 'x')),
        system: tried(() => writeFileSync('/usr/planted', 'x')),
      }));`;
    const seen: unknown[] = [];
    for (const network of [false, true]) {
      const { args = [], restart } = await here.script(probe + LEGACY_SERVER);
      const command = join(hidden, 'node');
      await rm(command, { force: true });
      await copyFile(process.execPath, command);
      const sandbox = { network, read: args, write: [open] };
      const id = `sandboxed-${String(network)}`;
      await here.ready(id, { command, args, restart: restart ?? {}, sandbox });
      seen.push(JSON.parse(here.servers.logs(id, 1)[0]?.line ?? '{}'));
    }
    listener.close();
    expect(seen).to.deep.equal([
      { hidden: false, reached: false, open: true, system: false },
      { hidden: false, reached: true, open: true, system: false },
    ]);
  });

  it('is added, changed, restarted and removed while others go on, and says what is wrong with it [MCP-23]', async () => {
    await using here = await world({ servers: 2 });
    const steady = await here.ready('steady', await here.script(LEGACY_SERVER));
    const config = await here.script(LEGACY_SERVER);
    const upstream = await here.ready('other', config);
    await here.servers.restart('other');
    await eventually('it is back', () => upstream.state === 'ready');
    const problems = [
      await failure(here.servers.add('steady', config)),
      await failure(here.servers.add('third', config)),
      await failure(here.servers.change('other', {})),
      await failure(here.servers.change('none', config)),
    ];
    await here.servers.change('other', { ...config, prefix: '' });
    await eventually(
      'it is offered without prefix',
      () => here.offers.get('mcp/other')?.definitions[0]?.name === 'echo',
    );
    await here.servers.remove('other');
    expect([
      problems,
      here.servers.all().map(({ id }) => id),
      [...here.offers.keys()],
      textOf(await call(steady, 'echo', {})),
    ]).to.deep.equal([
      [
        'Conflict: MCP server "steady" is there already',
        'Limit exceeded: there can be 2 MCP servers',
        'Invalid params: plugins.mcp.config.servers.other: expected either command or url',
        'Not found: there is no MCP server "none"',
      ],
      ['steady'],
      ['mcp/steady'],
      '{}',
    ]);
  });

  it('keeps its place while it changes [MCP-198]', async () => {
    await using here = await world({ servers: 2 });
    const config = await here.script(LEGACY_SERVER);
    await here.ready('first', config);
    const changing = here.servers.change('first', { ...config, prefix: '' });
    const adding = here.servers.add('second', config);
    const whileChanging = await failure(here.servers.add('third', config));
    await Promise.all([changing, adding]);
    expect([
      whileChanging,
      here.servers
        .all()
        .map(({ id }) => id)
        .sort(),
    ]).to.deep.equal(['Limit exceeded: there can be 2 MCP servers', ['first', 'second']]);
  });

  it('that cannot be started says why, and is started by a restart once that is mended [MCP-24]', async () => {
    await using here = await world();
    const missing = join(here.directory, 'later');
    await here.servers.add('later', { command: missing });
    const before = here.servers.status()[0];
    await writeFile(
      missing,
      `#!/bin/sh\nexec ${process.execPath} --input-type=module -e "$(cat <<'END'\n${LEGACY_SERVER}\nEND\n)"`,
      { mode: 0o755 },
    );
    await here.servers.restart('later');
    await eventually('it is ready', () => here.servers.status()[0]?.state === 'ready');
    expect([before?.state, before?.reason]).to.deep.equal([
      'failed',
      `program "mcp/later": "${missing}" does not exist or is not executable`,
    ]);
  });

  it('has its logs show what it printed to stdout that is no message, the beginning of each line [MCP-196]', async () => {
    await using here = await world();
    const banner = `console.log('Listening…'); console.error('up'); console.log('x'.repeat(1_000)); console.log('{"not": "rpc"}');`;
    const upstream = await here.ready('fixture', await here.script(banner + LEGACY_SERVER));
    const whole = await call(upstream, 'echo', { a: 1 });
    const logs = () => here.servers.logs('fixture', 10);
    await eventually('stderr was read', () => logs().some(({ stream }) => stream === 'stderr'));
    const lines = logs().map(({ stream, line, truncated }) => [stream, line, truncated]);
    expect([
      textOf(whole),
      lines.filter(([stream]) => stream === 'stdout'),
      lines.filter(([stream]) => stream === 'stderr'),
      here.servers.status()[0]?.garbageLines,
    ]).to.deep.equal([
      '{"a":1}',
      [
        ['stdout', 'Listening…', false],
        ['stdout', 'x'.repeat(200), true],
        ['stdout', '{"not": "rpc"}', false],
      ],
      [['stderr', 'up', false]],
      3,
    ]);
  });

  it('is journaled with its era and version when it comes and goes, and measured [MCP-25]', async () => {
    await using here = await world();
    const upstream = await here.ready('fixture', await here.script(LEGACY_SERVER));
    await failure(call(upstream, 'die'));
    await eventually('it is back', () => here.recorded.length === 3);
    const gauge = here.instruments.snapshot().find(({ name }) => name === 'orchestrator_mcp_servers');
    const connected = { server: 'fixture', transport: 'stdio', era: 'legacy', protocolVersion: '2025-11-25' };
    expect([here.recorded, gauge?.type === 'gauge' && gauge.samples]).to.deep.equal([
      [
        ['mcp.connected', { ...connected, restarts: 0 }],
        ['mcp.disconnected', { server: 'fixture', reason: 'code 3' }],
        ['mcp.connected', { ...connected, restarts: 1 }],
      ],
      [{ labels: ['ready', '2025-11-25'], value: 1 }],
    ]);
  });
});
