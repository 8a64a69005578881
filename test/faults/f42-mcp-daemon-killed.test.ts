import { expect } from 'chai';
import { readFile } from 'node:fs/promises';
import { startTestDaemon } from '../support/daemon.js';
import { mcpDaemon, mcpServer, processesWith, until } from './support/mcp.js';

const ROUNDS = process.env.FAULTS === 'full' ? 20 : 4;

describe('F42: a daemon that is killed while MCP servers run', () => {
  it('leaves none of them, whenever it is killed, and the next start runs each once [F42]', async () => {
    const left: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const name = `killed-${process.pid}-${round}`;
      const here = await mcpDaemon({ [name]: { script: mcpServer('') }, [`${name}-other`]: { script: mcpServer('') } });
      // From before the servers are started to when they serve.
      if (round % 2 === 1) await here.offered(name);
      const { dataDir } = here.daemon;
      await here.daemon.kill('keep');
      await until('none is left', async () => (await processesWith(name)).length === 0);
      left.push((await processesWith(name)).length);
      if (round === ROUNDS - 1) {
        const before = (await here.starts(name)).length;
        const config = JSON.parse(await readFile(here.daemon.configFile, 'utf8')) as Record<string, unknown>;
        const next = await startTestDaemon({ dataDir, config });
        await until('it is started again', async () => (await here.starts(name)).length > before);
        expect([(await here.starts(name)).length - before, (await processesWith(`${name}.cjs`)).length]).to.deep.equal([
          1, 1,
        ]);
        await next.stop();
      }
      await here[Symbol.asyncDispose]();
    }
    expect(left).to.deep.equal(left.map(() => 0));
  });
});
