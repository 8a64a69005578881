import { expect } from 'chai';
import { mcpDaemon, mcpServer, until } from './support/mcp.js';

describe('F38: an MCP server that never answers', () => {
  it('is told of each call that is given up, then killed with its group when it is found to hang [F38]', async () => {
    // After the listing it answers nothing, not even a ping, and TERM does not end it.
    const deaf = mcpServer(`process.on('SIGTERM', () => undefined);`);
    await using here = await mcpDaemon({ deaf: { script: deaf } }, { probeMs: 1_000 });
    await here.offered('deaf');
    const calls = await Promise.all(Array.from({ length: 50 }, () => here.call('deaf__hang', 400)));
    await until('it is killed', async () => (await here.events()).some(([name]) => name === 'mcp.disconnected'));
    await here.offered('deaf');
    const [first = 0, ...more] = await here.starts('deaf');
    const heard = await here.heard('deaf');
    expect({
      errors: [...new Set(calls.map(({ error }) => error?.code))],
      canceled: heard.filter((method) => method === 'notifications/cancelled').length >= 50,
      pinged: heard.includes('ping'),
      reason: (await here.events()).find(([name]) => name === 'mcp.disconnected')?.[2]?.startsWith('it hangs'),
      startedAgain: more.length,
      gone: isGone(first),
    }).to.deep.equal({ errors: [1007], canceled: true, pinged: true, reason: true, startedAgain: 1, gone: true });
  });
});

function isGone(pid: number): boolean {
  try {
    return !process.kill(pid, 0);
  } catch {
    return true;
  }
}
