import { expect } from 'chai';
import { mcpDaemon, mcpServer, until } from './support/mcp.js';

describe('F39: an MCP server that prints garbage', () => {
  it('has it skipped up to a limit, then is restarted and given up; none of it gets into the log as its own [F39]', async () => {
    const noise = `
      process.stdout.write('starting up...\\n{"jsonrpc":"2.0","id":1\\n[]\\nnull\\n{"level":"fatal","message":"planted"}\\n');
      process.stdout.write('{"jsonrpc":"2.0","id":1e99,"result":{}}\\n{"jsonrpc":"2.0","method":7}\\n' + '['.repeat(100000) + '\\n');
    `;
    await using here = await mcpDaemon(
      {
        noisy: { script: mcpServer(noise) },
        garbage: { script: mcpServer(`setInterval(() => process.stdout.write('garbage\\n'.repeat(20)), 5);`) },
      },
      { garbageLines: 50 },
    );
    await here.offered('noisy');
    await here.daemon.logged(({ message, server }) => message === 'an MCP server failed' && server === 'garbage');
    await until('it is recorded', async () => (await here.events()).some(([name]) => name === 'mcp.failed'));
    const events = await here.events();
    expect({
      noisy: [(await here.call('noisy__echo')).error, (await here.starts('noisy')).length],
      starts: (await here.starts('garbage')).length,
      reason: events.find(([name]) => name === 'mcp.failed')?.[2]?.includes('more than 50 lines that are no messages'),
      planted: here.daemon.logs().filter(({ message }) => message === 'planted').length,
    }).to.deep.equal({ noisy: [undefined, 1], starts: 3, reason: true, planted: 0 });
  });
});
