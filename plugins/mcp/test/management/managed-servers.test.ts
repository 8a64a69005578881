import type { Log } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ManagedServers } from '../../src/management/managed-servers.js';
import type { McpServers } from '../../src/upstream/mcp-servers.js';

const quiet = (): void => undefined;
const server = { command: '/bin/true' };
const times = { stopMs: 60_000, lastOutputMs: 0 };

/** Places for servers, which end when they are let. */
function managedIn(count: number) {
  const there = new Set<string>();
  const said: string[] = [];
  const log: Log = {
    ...{ trace: quiet, debug: quiet, info: quiet, warn: quiet, fatal: quiet },
    error: (about: unknown) => void said.push((about as { server: string }).server),
    child: () => log,
  };
  let letEnd = quiet;
  const mayEnd = new Promise<void>((resolve) => (letEnd = resolve));
  const running = {
    get: (name: string) => (there.has(name) ? {} : undefined),
    async add(name: string) {
      await nextTurn();
      if (there.has(name)) throw new OrchestratorError('conflict', `MCP server "${name}" is there already`);
      if (there.size >= count) throw new OrchestratorError('limit_exceeded', `there can be ${count} MCP servers`);
      there.add(name);
    },
    async change(name: string) {
      there.delete(name);
      await mayEnd;
      throw new Error('it cannot be started any more');
    },
    async remove(name: string) {
      await mayEnd;
      there.delete(name);
    },
  } as Partial<McpServers> as McpServers;
  return { managed: new ManagedServers({}, running, log, times), there, said, letEnd };
}

describe('as many servers as there may be', () => {
  it('leave no place for one more, which says so until one goes and then starts [MCP-198]', async () => {
    const { managed, there, letEnd } = managedIn(1);
    managed.reconfigure({ first: server });
    await managed.settled();
    managed.reconfigure({ second: server });
    await nextTurn();
    await nextTurn();
    const before = [[...there], managed.failure('second')];
    letEnd();
    await managed.settled();
    expect([before, [...there], managed.failure('second')]).to.deep.equal([
      [['first'], 'Limit exceeded: there can be 1 MCP servers'],
      ['second'],
      undefined,
    ]);
  });

  it('leave out those that should no longer run when there is a place [MCP-198]', async () => {
    const { managed, there, letEnd } = managedIn(1);
    for (const name of ['first', 'second', 'third', 'fourth']) {
      managed.reconfigure({ [name]: server });
      await nextTurn();
      await nextTurn();
    }
    letEnd();
    await managed.settled();
    expect([[...there], managed.failure('fourth')]).to.deep.equal([['fourth'], undefined]);
  });

  it('let one of those that have no place start for each that goes [MCP-198]', async () => {
    const { managed, there, letEnd } = managedIn(2);
    managed.reconfigure({ first: server, second: server });
    await managed.settled();
    managed.reconfigure({ second: server, third: server, fourth: server });
    await nextTurn();
    await nextTurn();
    const before = ['third', 'fourth'].map((name) => managed.failure(name));
    letEnd();
    await managed.settled();
    const full = 'Limit exceeded: there can be 2 MCP servers';
    expect([before, [...there], managed.failure('third')]).to.deep.equal([[full, full], ['second', 'fourth'], full]);
  });

  it('leave their place also when they fail to change [MCP-198]', async () => {
    const { managed, there, letEnd } = managedIn(1);
    managed.reconfigure({ first: server, second: server });
    await managed.settled();
    const before = [...there];
    managed.reconfigure({ first: { command: '/bin/false' }, second: server });
    letEnd();
    await managed.settled();
    expect([before, [...there], managed.failure('first')]).to.deep.equal([
      ['first'],
      ['second'],
      'it cannot be started any more',
    ]);
  });

  it('are said once to leave no place, however often others go [MCP-198]', async () => {
    const { managed, said, letEnd } = managedIn(1);
    letEnd();
    managed.reconfigure({ first: server, second: server, third: server, fourth: server });
    await managed.settled();
    managed.reconfigure({ second: server, third: server, fourth: server });
    await managed.settled();
    expect(said).to.have.members(['second', 'third', 'fourth']);
  });
});

describe('a server', () => {
  it('that runs already is not started again by who asked while it did not [MCP-198]', async () => {
    const { managed, there } = managedIn(1);
    managed.reconfigure({ first: server });
    managed.run('first');
    await managed.settled();
    expect([[...there], managed.failure('first')]).to.deep.equal([['first'], undefined]);
  });

  it('is not started any more once the daemon goes [MCP-198]', async () => {
    const { managed, there, letEnd } = managedIn(1);
    managed.reconfigure({ first: server, second: server });
    await managed.settled();
    managed.reconfigure({ second: server });
    await nextTurn();
    const stopped = managed.stop();
    letEnd();
    await stopped;
    expect([...there]).to.deep.equal([]);
  });
});
