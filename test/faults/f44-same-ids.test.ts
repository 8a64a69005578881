import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startTestDaemon } from '../support/daemon.js';
import { keyFor, McpClient, untilListed } from '../support/mcp-client.js';
import { MCP_ECHO_SERVER } from '../support/mcp-echo-server.js';

/** Of each of the four clients. */
const CALLS = 2_500;
const IN_FLIGHT = 16;

describe('clients of the gateway that use the same ids', () => {
  it('each get their own answers, in both eras, over 10,000 interleaved calls [F44]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-mcp-'));
    const script = join(folder, 'echo.mjs');
    await writeFile(script, MCP_ECHO_SERVER);
    const daemon = await startTestDaemon({
      config: {
        plugins: { mcp: { config: { servers: { echo: { command: process.execPath, args: [script] } } } } },
        tools: { grants: [{ roles: ['agent'], providers: ['mcp/*'] }] },
      },
    });
    try {
      const names = ['ada', 'bob', 'eve', 'dan'];
      const clients = await Promise.all(
        names.map(async (name) => new McpClient(daemon.httpUrl, await keyFor(daemon, name))),
      );
      for (const client of clients.slice(0, 2)) await client.initialize();
      for (const client of clients) await untilListed(client, 'echo__echo');
      const wrong: unknown[] = [];
      let answered = 0;
      const run = async (client: McpClient, name: string, legacy: boolean): Promise<void> => {
        let next = 0;
        const worker = async (): Promise<void> => {
          while (next < CALLS) {
            const id = next++;
            const given = { name, id, text: `${name}-${id}` };
            const params = { name: 'echo__echo', arguments: given };
            const { body } = await (legacy
              ? client.legacy(id, 'tools/call', params)
              : client.modern(id, 'tools/call', params));
            const content = (body.result as { content?: { text: string }[] } | undefined)?.content;
            const same = body.id === id && content?.[0]?.text === JSON.stringify(given);
            if (same) answered++;
            else if (wrong.length < 5) wrong.push(body);
          }
        };
        await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
      };
      await Promise.all(clients.map((client, i) => run(client, names[i] ?? '', i < 2)));
      for (const client of clients) client.close();
      expect({ answered, wrong }).to.deep.equal({ answered: 4 * CALLS, wrong: [] });
    } finally {
      await daemon.stop();
      await rm(folder, { recursive: true });
    }
  });
});
