import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withGateway } from '../../support/mcp/gateway.js';
import { rawLegacy, rawModern } from '../../support/mcp/raw-client.js';

const PROGRAM = fileURLToPath(new URL('../../support/mcp/programs/named-server.js', import.meta.url));
const CALLS = 10_000;
const IN_FLIGHT = 16;

describe('clients that use the same ids', function () {
  this.timeout(180_000);

  it('each get their own answers, out of 10,000 interleaved ones over one connection to the server [MCP-86]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-ids-'));
    const server = { command: process.execPath, args: [PROGRAM, 'legacy', 'one', folder] };
    try {
      await withGateway({ one: server }, async ({ place }) => {
        const clients = [await rawLegacy(place), await rawLegacy(place), rawModern(place), rawModern(place)];
        const wrong: unknown[] = [];
        let answered = 0;
        await Promise.all(
          clients.map(async (client, which) => {
            let id = 0;
            const calling = async (): Promise<void> => {
              while (id < CALLS / clients.length) {
                const mine = id++;
                const nonce = `${which}.${mine}`;
                const answer = await client(mine, 'tools/call', { name: 'one__again', arguments: { nonce } });
                answered++;
                if (answer.id !== mine || answer.result?.content?.[0]?.text !== `one ${nonce}`) {
                  wrong.push({ nonce, answer });
                }
              }
            };
            await Promise.all(Array.from({ length: IN_FLIGHT }, calling));
          }),
        );
        expect({ answered, wrong: wrong.slice(0, 3) }).to.deep.equal({ answered: CALLS, wrong: [] });
      });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
