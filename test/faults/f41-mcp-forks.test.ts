import { expect } from 'chai';
import { mcpDaemon, mcpServer, processesWith, until } from './support/mcp.js';

/** Ignores TERM, and so do its children: one in its group, one in a session of its own. */
function forking(mark: string): string {
  return mcpServer(`
    process.on('SIGTERM', () => undefined);
    const { spawn } = require('node:child_process');
    for (const detached of [false, true]) {
      spawn('/bin/sh', ['-c', "trap '' TERM HUP; while :; do sleep 1; done", '${mark}'], { detached, stdio: 'ignore' });
    }
  `);
}

describe('F41: an MCP server that ignores TERM and forks', () => {
  it('is gone with all that it started when the daemon stops, and when it is killed [F41]', async () => {
    const left: unknown[] = [];
    for (const end of ['stop', 'kill'] as const) {
      const mark = `forked-${end}-${process.pid}`;
      const here = await mcpDaemon({ forking: { script: forking(mark) } });
      await here.offered('forking');
      await until('its children run', async () => (await processesWith(mark)).length >= 2);
      const [server = 0] = await here.starts('forking');
      if (end === 'kill') await here.daemon.kill('keep');
      await here[Symbol.asyncDispose]();
      await until('nothing is left', async () => (await processesWith(mark)).length === 0);
      left.push((await processesWith('forking.cjs')).includes(server));
    }
    expect(left).to.deep.equal([false, false]);
  });
});
