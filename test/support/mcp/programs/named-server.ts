// An MCP server on stdin and stdout that says who it is: `named-server ERA NAME FOLDER [LIFE_MS]`. It leaves a file in the folder for each
// time it was started, and ends by itself after LIFE_MS, if that is given, counted from its first call or listing.
import { Server } from '@modelcontextprotocol/server';
import { serveStdio, StdioServerTransport } from '@modelcontextprotocol/server/stdio';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const [era, name = '', folder = '', life] = process.argv.slice(2);
writeFileSync(join(folder, `${name}.${process.pid}`), '');

function named(): Server {
  const server = new Server({ name, version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler('tools/list', () => {
    if (life !== undefined) setTimeout(() => process.exit(1), Number(life));
    return {
      tools: ['who', 'again'].map((tool) => ({
        name: tool,
        description: `Says who it is (${name}).`,
        inputSchema: { type: 'object' as const, properties: { nonce: { type: 'string' as const } } },
      })),
    };
  });
  server.setRequestHandler('tools/call', async ({ params }) => {
    // Answers come in another order than calls.
    if (params.name === 'again') await delay(Math.random() * 10);
    return { content: [{ type: 'text', text: `${name} ${String(params.arguments?.nonce)}` }] };
  });
  return server;
}

if (era === 'modern') serveStdio(named, { legacy: 'reject' });
else await named().connect(new StdioServerTransport());
