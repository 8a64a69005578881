import { expect } from 'chai';
import { mcpDaemon, mcpServer, until } from './support/mcp.js';
import { sleep } from './support/loops.js';

describe('F37: an MCP server that crashes when it starts', () => {
  it('is tried again by its rule, then failed with the end of its stderr, while others serve [F37]', async () => {
    await using here = await mcpDaemon({
      crashing: { script: mcpServer(`console.error('no database'); process.exit(1);`) },
      steady: { script: mcpServer('') },
    });
    await here.offered('steady');
    const line = await here.daemon.logged(({ message }) => message === 'an MCP server failed');
    await until('it is recorded', async () => (await here.events()).some(([name]) => name === 'mcp.failed'));
    // Time for more, if there were any.
    await sleep(500);
    const reason = String(line.reason);
    expect({
      starts: (await here.starts('crashing')).length,
      stderr: reason.endsWith('no database'),
      events: (await here.events()).filter(([, server]) => server === 'crashing'),
      call: (await here.call('crashing__echo')).error?.code,
      steady: (await here.call('steady__echo')).error,
    }).to.deep.equal({
      starts: 3,
      stderr: true,
      events: [
        [
          'mcp.failed',
          'crashing',
          'ended 3 times within 60000 ms, last with code 1; fix it and restart it; the end of its stderr:',
        ],
      ],
      call: 1004,
      steady: undefined,
    });
  });

  it('that runs for a while has its tools withdrawn when it crashes, and offered again when it is back [F37]', async () => {
    await using here = await mcpDaemon({ flapping: { script: mcpServer('') } });
    await here.offered('flapping');
    const [first = 0] = await here.starts('flapping');
    process.kill(first, 'SIGKILL');
    await until('it is away', async () => (await here.events()).some(([name]) => name === 'mcp.disconnected'));
    await here.offered('flapping');
    expect((await here.events()).map(([name, , reason]) => [name, reason])).to.deep.equal([
      ['mcp.connected', undefined],
      ['mcp.disconnected', 'signal SIGKILL'],
      ['mcp.connected', undefined],
    ]);
  });
});
