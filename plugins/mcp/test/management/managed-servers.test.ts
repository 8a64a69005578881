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

/** Places for servers, the first of which takes until it is let to start. @param late come for their place a turn later */
function places(count: number, late: readonly string[] = []) {
  const there = new Set<string>();
  let letStart = quiet;
  const mayStart = new Promise<void>((resolve) => (letStart = resolve));
  const running = {
    get: (name: string) => (there.has(name) ? {} : undefined),
    async add(name: string) {
      if (late.includes(name)) await nextTurn();
      if (there.size >= count) throw new OrchestratorError('limit_exceeded', `there can be ${count} MCP servers`);
      there.add(name);
      if (there.size === 1) await mayStart;
    },
    remove: (name: string) => Promise.resolve(void there.delete(name)),
  } as Partial<McpServers> as McpServers;
  return { running, there, letStart };
}

describe('as many servers as there may be', () => {
  it('have one that takes the place of another start once that has gone, though it is slow [MCP-198]', async () => {
    const { running, there, letStart } = places(1);
    const managed = new ManagedServers({}, running, log, times);
    managed.reconfigure({ first: server });
    managed.reconfigure({ second: server });
    await nextTurn();
    const before = [[...there], managed.failure('second')];
    letStart();
    await managed.settled();
    expect([before, [...there], managed.failure('second')]).to.deep.equal([
      [['first'], undefined],
      ['second'],
      undefined,
    ]);
  });

  it('leave no place for one more, which is told so though another changes [MCP-198]', async () => {
    const { running, there, letStart } = places(1);
    const managed = new ManagedServers({}, running, log, times);
    managed.reconfigure({ first: server });
    managed.reconfigure({ first: server, second: server });
    await nextTurn();
    const failure = managed.failure('second');
    letStart();
    await managed.settled();
    expect([failure, [...there]]).to.deep.equal(['Limit exceeded: there can be 1 MCP servers', ['first']]);
  });

  it('do not keep those waiting for each other that are to go before they have a place [MCP-198]', async () => {
    const { running, there, letStart } = places(1, ['second', 'third']);
    const managed = new ManagedServers({}, running, log, times);
    for (const name of ['first', 'second', 'third', 'fourth']) {
      managed.reconfigure({ [name]: server });
      await nextTurn();
      await nextTurn();
    }
    letStart();
    await managed.settled();
    expect([[...there], managed.failure('fourth')]).to.deep.equal([['fourth'], undefined]);
  });
});
