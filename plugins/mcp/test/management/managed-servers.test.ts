import type { Log } from '@ai-orchestrator/core/plugin';
import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ManagedServers } from '../../src/management/managed-servers.js';
import type { McpServers } from '../../src/upstream/mcp-servers.js';

const quiet = (): void => undefined;
const log: Log = {
  ...{ trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet, fatal: quiet },
  child: () => log,
};
const server = { command: '/bin/true' };
const times = { stopMs: 60_000, lastOutputMs: 0 };

/** Places for servers, which end when they are let. */
function managedIn(count: number) {
  const there = new Set<string>();
  let letEnd = quiet;
  const mayEnd = new Promise<void>((resolve) => (letEnd = resolve));
  const running = {
    get: (name: string) => (there.has(name) ? {} : undefined),
    async add(name: string) {
      await nextTurn();
      if (there.size >= count) throw new OrchestratorError('limit_exceeded', `there can be ${count} MCP servers`);
      there.add(name);
    },
    async remove(name: string) {
      await mayEnd;
      there.delete(name);
    },
  } as Partial<McpServers> as McpServers;
  return { managed: new ManagedServers({}, running, log, times), there, letEnd };
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
});
