import type { Methods, ParamsOf, ResultOf } from '@ai-orchestrator/protocol';
import { connect, type Client } from '@ai-orchestrator/protocol/client';
import { expect } from 'chai';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDaemon, type TestDaemon, type TestDaemonOptions } from '../support/daemon.js';
import { MCP_SCRIPT } from '../support/mcp-script.js';

type Status = ResultOf<Methods['mcp.status']>['servers'][number];

/** A daemon, its administrator, and a directory that is first in its PATH with a server in it. */
async function withDaemon(
  use: (around: {
    readonly daemon: TestDaemon;
    readonly client: Client;
    readonly directory: string;
    readonly script: string;
    readonly failure: (call: Promise<unknown>) => Promise<string>;
    readonly ready: (name: string) => Promise<Status>;
  }) => Promise<void>,
  options: (script: string) => TestDaemonOptions = () => ({}),
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'orchestrator-mcp-'));
  const script = join(directory, 'calculator.mjs');
  await writeFile(script, MCP_SCRIPT);
  await symlink(process.execPath, join(directory, 'calculate'));
  const given = options(script);
  const env = { ...given.env, PATH: `${directory}:${process.env.PATH ?? ''}` };
  const daemon = await startTestDaemon({ ...given, env });
  const client = await connect({ url: daemon.url, token: daemon.adminKey });
  try {
    const ready = async (name: string): Promise<Status> => {
      for (const until = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
        const [status] = (await client.call('mcp.status', { name })).servers;
        if (status?.state === 'ready') return status;
        if (Date.now() > until) throw new Error(`${name} is not ready: ${JSON.stringify(status)}`);
      }
    };
    const failure = (call: Promise<unknown>) =>
      call.then(
        () => 'nothing went wrong',
        (error: unknown) => `${(error as { errorName: string }).errorName}: ${(error as Error).message}`,
      );
    await use({ daemon, client, directory, script, failure, ready });
  } finally {
    await client.close();
    await daemon.stop();
    await rm(directory, { recursive: true });
  }
}

async function journalOf(client: Client): Promise<readonly (readonly [string, string, string])[]> {
  const { entries } = await client.call('journal.read', { limit: 1000 });
  return entries
    .filter(({ action }) => action.startsWith('mcp.'))
    .map(({ action, resource, principal }) => [action, resource, principal] as const);
}

describe('mcp.add', () => {
  it('starts a server at once and after each start of the daemon, by the path of its command [MCP-130]', async () => {
    await withDaemon(async ({ daemon, client, directory, script, ready }) => {
      const added = await client.call('mcp.add', { name: 'calc', server: { command: 'calculate', args: [script] } });
      const { tools, protocolVersion, era, serverName, addedBy } = await ready('calc');
      expect({ added, now: { tools, protocolVersion, era, serverName, addedBy } }).to.deep.equal({
        added: {
          name: 'calc',
          source: 'method',
          transport: 'stdio',
          command: join(directory, 'calculate'),
          args: [script],
          prefix: 'calc__',
          state: 'connecting',
          tools: 0,
          prompts: 0,
          resources: 0,
        },
        now: { tools: 3, protocolVersion: '2025-11-25', era: 'legacy', serverName: 'calculator', addedBy: 'admin' },
      });
      await client.close();
      await daemon.kill('keep');
      const again = await startTestDaemon({ dataDir: daemon.dataDir });
      const other = await connect({ url: again.url, token: again.adminKey });
      try {
        const { entries } = await other.call('mcp.list', {});
        expect(entries.map(({ name, source }) => [name, source])).to.deep.equal([['calc', 'method']]);
      } finally {
        await other.close();
        await again.stop();
      }
    });
  });

  it('refuses what cannot be run and secrets in the clear, each with what to do [MCP-131]', async () => {
    await withDaemon(async ({ client, failure }) => {
      const add = (server: ParamsOf<Methods['mcp.add']>['server']) =>
        failure(client.call('mcp.add', { name: 'x', server }));
      const refused = [
        await add({ command: 'no-such-command' }),
        await add({ command: './server.js' }),
        await add({ command: process.execPath, env: { GITHUB_TOKEN: 'ghp_0123456789abcdefghij' } }),
        await add({ command: process.execPath, args: ['--api-key', 'k3YmAt3r1al'] }),
        await add({ url: 'https://user:pass@mcp.example.org/mcp' }),
        await add({ url: 'https://mcp.example.org/mcp', headers: { Authorization: 'Bearer abc' } }),
        await add({ command: process.execPath, url: 'https://mcp.example.org/mcp' }),
      ];
      const { entries } = await client.call('mcp.list', {});
      const journal = await journalOf(client);
      expect(refused.map((text) => text.split(':')[0])).to.deep.equal(refused.map(() => 'invalid_params'));
      expect(refused.join('\n')).not.to.match(/ghp_|k3YmAt3r1al|pass@|abc/);
      expect([
        (refused[0] ?? '').includes('"no-such-command" is in no directory of the daemon\'s PATH'),
        (refused[1] ?? '').includes('write an absolute path'),
        ...refused.slice(2, 6).map((text) => /in the clear.*reference|in the clear.*file:\//.test(text)),
        (refused[6] ?? '').includes('either command or url'),
      ]).to.deep.equal(refused.map(() => true));
      expect({ entries, journal }).to.deep.equal({ entries: [], journal: [] });
    });
  });
});

describe('mcp.change and mcp.remove', () => {
  it('restart a server with another configuration, and end it; each is in the journal [MCP-132]', async () => {
    await withDaemon(async ({ client, script, ready }) => {
      const server = { command: process.execPath, args: [script] };
      await client.call('mcp.add', { name: 'calc', server });
      await ready('calc');
      await client.call('mcp.change', { name: 'calc', server: { ...server, prefix: 'c.' } });
      const { prefix } = await ready('calc');
      await client.call('mcp.restart', { name: 'calc' });
      const { tools } = await ready('calc');
      const { entries: lines } = await client.call('mcp.logs', { name: 'calc', lines: 1 });
      await client.call('mcp.remove', { name: 'calc' });
      const { entries } = await client.call('mcp.list', {});
      const journal = await journalOf(client);
      expect({ prefix, tools, lines: lines.map(({ line }) => line), entries }).to.deep.equal({
        prefix: 'c.',
        tools: 3,
        lines: ['calculator is up'],
        entries: [],
      });
      expect(journal).to.deep.include.members([
        ['mcp.added', 'mcp/calc', 'admin'],
        ['mcp.changed', 'mcp/calc', 'admin'],
        ['mcp.restarted', 'mcp/calc', 'admin'],
        ['mcp.removed', 'mcp/calc', 'admin'],
      ]);
    });
  });

  it('leave alone what is in the configuration file, and say so [MCP-133]', async () => {
    await withDaemon(
      async ({ client, failure }) => {
        const said = [
          await failure(client.call('mcp.remove', { name: 'calc' })),
          await failure(client.call('mcp.change', { name: 'calc', server: { command: process.execPath } })),
          await failure(client.call('mcp.add', { name: 'calc', server: { command: process.execPath } })),
          await failure(client.call('mcp.remove', { name: 'other' })),
        ];
        expect(said.map((text) => text.replace(/^(\w+): .*?: (.*)$/, '$1: $2').slice(0, 90))).to.deep.equal([
          'conflict: MCP server "calc" is in the configuration file (plugins.mcp.config.servers.calc): remove it there'.slice(
            0,
            90,
          ),
          'conflict: MCP server "calc" is in the configuration file (plugins.mcp.config.servers.calc): change it there'.slice(
            0,
            90,
          ),
          'conflict: MCP server "calc" is there already; mcp.change gives it another configuration'.slice(0, 90),
          'not_found: there is no MCP server "other"',
        ]);
      },
      (script) => ({
        config: { plugins: { mcp: { config: { servers: { calc: { command: process.execPath, args: [script] } } } } } },
      }),
    );
  });

  it('are for administrators; operators and observers look [MCP-134]', async () => {
    await withDaemon(async ({ daemon, client, failure }) => {
      const said: Record<string, readonly string[]> = {};
      for (const role of ['operator', 'observer', 'agent'] as const) {
        const { secret } = await client.call('key.create', { name: role, roles: [role] });
        const other = await connect({ url: daemon.url, token: secret });
        said[role] = [
          (await failure(other.call('mcp.list', {}))).split(':')[0] ?? '',
          (await failure(other.call('mcp.add', { name: 'x', server: { command: '/bin/true' } }))).split(':')[0] ?? '',
          (await failure(other.call('mcp.import', { document: { mcpServers: {} } }))).split(':')[0] ?? '',
        ];
        await other.close();
      }
      expect(said).to.deep.equal({
        operator: ['nothing went wrong', 'permission_denied', 'permission_denied'],
        observer: ['nothing went wrong', 'permission_denied', 'permission_denied'],
        agent: ['permission_denied', 'permission_denied', 'permission_denied'],
      });
    });
  });
});

describe('mcp.import', () => {
  it('shows exactly what would run and what is refused, and runs nothing until that is confirmed [MCP-135]', async () => {
    await withDaemon(async ({ client, directory, script, failure, ready }) => {
      const document = {
        mcpServers: {
          calc: {
            command: 'calculate',
            args: [script],
            env: { LEVEL: 'debug', API_KEY: '${CALC_KEY}' },
            alwaysAllow: ['add'],
          },
          'Brave Search': { type: 'http', url: 'https://mcp.example.org/mcp', headers: { 'X-Team': 'blue' } },
          github: { command: 'calculate', args: ['stdio'], env: { GITHUB_TOKEN: 'ghp_0123456789abcdefghij' } },
          editor: { command: 'calculate', args: ['${workspaceFolder}'] },
          old: { type: 'sse', url: 'https://mcp.example.org/sse' },
          missing: { command: 'not-installed' },
        },
      };
      const shown = await client.call('mcp.import', { document });
      const nothing = await client.call('mcp.list', {});
      const changed = { mcpServers: { ...document.mcpServers, calc: { command: 'calculate', args: ['other.mjs'] } } };
      const refused = await failure(client.call('mcp.import', { document: changed, confirm: shown.digest }));
      const only = ['calc'];
      const one = await client.call('mcp.import', { document, only });
      const done = await client.call('mcp.import', { document, only, confirm: one.digest });
      await client.call('mcp.change', { name: 'calc', server: { command: 'calculate', args: [script] } });
      await ready('calc');
      const journal = await journalOf(client);

      const brief = shown.entries.map(({ reasons = [], ...entry }) => ({ ...entry, reasons: reasons.length }));
      const command = join(directory, 'calculate');
      expect({ brief, done: shown.done, nothing: nothing.entries, outcome: done.entries[0]?.outcome }).to.deep.equal({
        brief: [
          {
            name: 'calc',
            outcome: 'add',
            transport: 'stdio',
            command,
            args: [script],
            env: ['LEVEL', 'API_KEY'],
            references: ['env:CALC_KEY'],
            ignored: ['alwaysAllow'],
            reasons: 0,
          },
          {
            name: 'Brave-Search',
            from: 'Brave Search',
            outcome: 'add',
            transport: 'http',
            url: 'https://mcp.example.org/mcp',
            headers: ['X-Team'],
            reasons: 0,
          },
          {
            name: 'github',
            outcome: 'refuse',
            transport: 'stdio',
            command: 'calculate',
            env: ['GITHUB_TOKEN'],
            reasons: 1,
          },
          { name: 'editor', outcome: 'refuse', transport: 'stdio', command: 'calculate', reasons: 1 },
          { name: 'old', outcome: 'refuse', transport: 'http', url: 'https://mcp.example.org', reasons: 1 },
          { name: 'missing', outcome: 'refuse', transport: 'stdio', command: 'not-installed', reasons: 1 },
        ],
        done: false,
        nothing: [],
        outcome: 'add',
      });
      expect(JSON.stringify(shown)).not.to.contain('ghp_');
      expect(refused).to.match(/^conflict: .*what would be run is not what was shown/);
      expect(journal).to.deep.include.members([
        ['mcp.imported', 'mcp', 'admin'],
        ['mcp.added', 'mcp/calc', 'admin'],
      ]);
    });
  });

  it('reads servers as VS Code writes them, and says when there are none [MCP-136]', async () => {
    await withDaemon(async ({ client, script, failure }) => {
      const servers = { calc: { type: 'stdio', command: 'calculate', args: [script], env: { KEY: '${input:key}' } } };
      const [shown] = (await client.call('mcp.import', { document: { inputs: [], servers } })).entries;
      const none = await failure(client.call('mcp.import', { document: { other: {} } }));
      expect(shown?.reasons).to.deep.equal([
        'env KEY has ${input:key}, which only the client knows: write what it stands for',
      ]);
      expect(none).to.match(/^invalid_params: .*"mcpServers"/);
    });
  });
});

describe('a server that may take longer to stop than the plugin', () => {
  const [limits, late] = [{ plugins: { stopMs: 9_001 } }, { closeTimeoutMs: 2_001 }];
  const advice =
    'closeTimeoutMs 2001, stopTimeoutMs 5000 and limits.programs.lastOutputMs 2000 make 9001, which is not below limits.plugins.stopMs 9001: lower one of them, or raise that';

  it('is refused with what to change, at a start and a reload, and by methods [MCP-187]', async () => {
    const server = { command: process.execPath, args: ['-e', ''] };
    const configured = (more: object) => ({
      limits,
      plugins: { mcp: { config: { servers: { calc: { ...server, ...more } } } } },
    });
    const without = await startTestDaemon({ config: configured(late) });
    const started = JSON.stringify(without.logs());
    await without.stop();
    await withDaemon(
      async ({ daemon, client, script, ready }) => {
        await client.call('mcp.add', { name: 'added', server: { command: process.execPath, args: [script] } });
        await ready('added');
        await writeFile(daemon.configFile, JSON.stringify({ http: { port: 0 }, ...configured(late) }));
        daemon.child.kill('SIGHUP');
        const refused = await daemon.logged((line) => JSON.stringify(line).includes('closeTimeoutMs 2001'));
        const { entries } = await client.call('mcp.list', {});
        expect({
          started: started.includes(`plugins.mcp.config.servers.calc: ${advice}`),
          refused: JSON.stringify(refused).includes(`plugins.mcp.config.servers.calc: ${advice}`),
          servers: entries.map(({ name, state }) => [name, state === 'failed']),
        }).to.deep.equal({
          started: true,
          refused: true,
          servers: [
            ['added', false],
            ['calc', true],
          ],
        });
      },
      () => ({ config: configured({ restart: { intensity: 0 } }) }),
    );
    await withDaemon(
      async ({ client, failure }) => {
        const add = (given: ParamsOf<Methods['mcp.add']>['server']) =>
          failure(client.call('mcp.add', { name: 'calc', server: given }));
        const said = await add({ command: process.execPath });
        await client.call('mcp.add', { name: 'away', server: { url: 'http://127.0.0.1:9/mcp' } });
        expect(said).to.match(/^invalid_params: .*make 9000, which is not below limits.plugins.stopMs 9000/);
      },
      () => ({ config: { limits: { plugins: { stopMs: 9_000 } } } }),
    );
  });
});

describe('a reload of the configuration', () => {
  it('adds, changes and removes MCP servers without touching the others [MCP-137]', async () => {
    await withDaemon(
      async ({ daemon, client, script, ready }) => {
        const server = (more = {}) => ({ command: process.execPath, args: [script], ...more });
        const pid = async (name: string) => {
          await ready(name);
          const { entries } = await client.call('mcp.logs', { name });
          return entries.map(({ time }) => time);
        };
        const before = { kept: await pid('kept'), changed: await pid('changed') };
        const servers = { kept: server(), changed: server({ prefix: 'other_' }), added: server() };
        await writeFile(
          daemon.configFile,
          JSON.stringify({ http: { port: 0 }, plugins: { mcp: { config: { servers } } } }),
        );
        daemon.child.kill('SIGHUP');
        const { plugins } = await daemon.logged(({ message }) => message === 'the configuration was read again');
        await ready('added');
        const after = { kept: await pid('kept'), changed: await pid('changed') };
        const { entries } = await client.call('mcp.list', {});
        expect({
          plugins,
          kept: after.kept.join() === before.kept.join(),
          changed: after.changed.join() === before.changed.join(),
          names: entries.map(({ name }) => name),
        }).to.deep.equal({ plugins: [], kept: true, changed: false, names: ['added', 'changed', 'kept'] });
      },
      (script) => {
        const server = { command: process.execPath, args: [script] };
        const servers = { kept: server, changed: server, removed: server };
        return { config: { plugins: { mcp: { config: { servers } } } } };
      },
    );
  });
});
