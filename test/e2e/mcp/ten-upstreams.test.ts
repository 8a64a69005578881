import { expect } from 'chai';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startGateway } from '../../support/mcp/gateway.js';
import { processesWith } from '../../support/mcp/processes.js';
import { talk } from '../../support/mcp/talk.js';

const PROGRAM = fileURLToPath(new URL('../../support/mcp/programs/named-server.js', import.meta.url));
const FULL = process.env.FAULTS === 'full';
/** How often the flapping servers are started again, together. */
const RESTARTS = FULL ? 200 : 10;
const WITHIN_MS = FULL ? 600_000 : 60_000;
/** A flapping server ends so long after it was listed. */
const LIFE_MS = 100;

const NAMES = ['legacy', 'modern'].flatMap((era) => [1, 2, 3, 4, 5].map((n) => `${era}-${n}`));
const STEADY = NAMES.filter((name) => !name.endsWith('5'));
const toolsOf = (name: string): string[] => [`${name}__again`, `${name}__who`];

/** The members of a listing and of a result that are looked at. */
interface Listed {
  readonly tools: readonly { readonly name: string }[];
}
interface Called {
  readonly content: readonly { readonly text: string }[];
}

describe('ten MCP servers, of which two flap', function () {
  this.timeout(WITHIN_MS + 60_000);

  it('leave the others and the listings alone, and no process behind [MCP-85]', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'orchestrator-ten-'));
    const servers = Object.fromEntries(
      NAMES.map((name) => [
        name,
        {
          command: process.execPath,
          args: [PROGRAM, name.split('-')[0], name, folder, ...(STEADY.includes(name) ? [] : [String(LIFE_MS)])],
          restart: { intensity: 1000, periodMs: 600_000, backoffMs: 10, maxBackoffMs: 10 },
        },
      ]),
    );
    const { daemon, place } = await startGateway(servers);
    const starts = async (): Promise<number> => (await readdir(folder)).length;
    const found = { wrong: [] as unknown[], torn: [] as unknown[], calls: 0, listings: 0 };
    const [first, second] = [await talk('SDK v1', place), await talk('SDK v2 modern', place)];
    try {
      // On a slow machine they may have started often enough before the clients are connected.
      const goesOn = async () => found.listings === 0 || (await starts()) < NAMES.length + RESTARTS;
      for (const until = Date.now() + WITHIN_MS; (await goesOn()) && Date.now() < until;) {
        for (const client of [first, second]) {
          await Promise.all(
            STEADY.map(async (name) => {
              const nonce = `${name}.${found.calls++}`;
              const called = (await client.callTool({ name: `${name}__who`, arguments: { nonce } })) as Called;
              if (called.content[0]?.text !== `${name} ${nonce}`) found.wrong.push(called);
            }),
          );
          const names = ((await client.listTools()) as Listed).tools.map((tool) => tool.name);
          found.listings++;
          // Each server is in a listing with all of its tools or with none, the steady ones always.
          const there = NAMES.filter((name) => STEADY.includes(name) || names.includes(`${name}__who`));
          if (names.join() !== there.flatMap(toolsOf).sort().join()) found.torn.push(names);
        }
        await delay(50);
      }
      const restarted = (await starts()) >= NAMES.length + RESTARTS;
      await Promise.all([first.close(), second.close()]);
      await daemon.kill();
      for (const until = Date.now() + 60_000; (await processesWith(folder)).length > 0 && Date.now() < until;) {
        await delay(50);
      }
      expect({
        wrong: found.wrong,
        torn: found.torn,
        worked: found.calls > 0 && found.listings > 0,
        restarted,
        left: await processesWith(folder),
      }).to.deep.equal({ wrong: [], torn: [], worked: true, restarted: true, left: [] });
    } finally {
      await daemon.kill();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
