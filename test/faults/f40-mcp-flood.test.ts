import { expect } from 'chai';
import { residentMiB } from '../support/resident.js';
import { mcpDaemon, mcpServer, until } from './support/mcp.js';
import { sleep } from './support/loops.js';

describe('F40: an MCP server that floods', () => {
  it('is held back, then killed and given up: an endless line, messages without end; the daemon serves within its memory [F40]', async () => {
    const endless = `const more = () => { while (process.stdout.write('x'.repeat(65536))); process.stdout.once('drain', more); }; more();`;
    const message = JSON.stringify({
      jsonrpc: '2.0',
      method: 'notifications/message',
      params: { data: 'y'.repeat(1000) },
    });
    const flood = `const one = ${JSON.stringify(`${message}\n`)}.repeat(60); const more = () => { while (process.stdout.write(one)); process.stdout.once('drain', more); }; more();`;
    const restart = { intensity: 0, periodMs: 60_000, backoffMs: 10, maxBackoffMs: 20 };
    await using here = await mcpDaemon(
      {
        endless: { script: mcpServer(endless), config: { restart } },
        flood: { script: mcpServer(flood), config: { restart } },
        steady: { script: mcpServer('') },
      },
      { floodMs: 1_500, messageBytes: 8_000_000 },
    );
    await here.offered('steady');
    const before = await residentMiB(here.daemon.pid);
    let [most, served, failed] = [0, 0, false];
    for (const deadline = performance.now() + 60_000; !failed && performance.now() < deadline;) {
      if ((await here.call('steady__echo')).error === undefined) served += 1;
      most = Math.max(most, await residentMiB(here.daemon.pid));
      failed = here.daemon.logs().filter(({ message: said }) => said === 'an MCP server failed').length === 2;
      await sleep(50);
    }
    await until(
      'both are recorded',
      async () => (await here.events()).filter(([name]) => name === 'mcp.failed').length === 2,
    );
    const reason = async (server: string) =>
      (await here.events()).find(([name, which]) => name === 'mcp.failed' && which === server)?.[2] ?? '';
    expect({
      endless: (await reason('endless')).includes('a message of more than 8000000 bytes'),
      flood: (await reason('flood')).includes('more than is read for 1500 ms'),
      served: served > 0,
      grownLittle: most - before < 150,
    }).to.deep.equal({ endless: true, flood: true, served: true, grownLittle: true });
  });
});
