import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves a program that speaks MCP on its stdin and stdout over streamable HTTP, one process per session, while `use` runs. */
export async function overHttp<T>(
  program: { readonly command: string; readonly args: readonly string[] },
  use: (url: string) => Promise<T>,
): Promise<T> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const children = new Set<StdioClientTransport>();
  const opened = async (): Promise<StreamableHTTPServerTransport> => {
    const web = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, web),
    });
    const child = new StdioClientTransport({ command: program.command, args: [...program.args], stderr: 'ignore' });
    children.add(child);
    const asked = new Map<unknown, string | number>();
    web.onmessage = (message) => {
      const token = 'params' in message ? message.params?._meta?.progressToken : undefined;
      if ('id' in message && message.id !== undefined && token !== undefined) asked.set(token, message.id);
      void child.send(message);
    };
    child.onmessage = (message) => {
      // Progress belongs on the stream of the request that it is about.
      const about = 'params' in message ? asked.get(message.params?.progressToken) : undefined;
      void web.send(message, about === undefined ? {} : { relatedRequestId: about });
    };
    web.onclose = () => void child.close();
    await Promise.all([web.start(), child.start()]);
    return web;
  };
  const http = createServer((request, response) => {
    const id = request.headers['mcp-session-id'];
    const known = typeof id === 'string' ? sessions.get(id) : undefined;
    if (id !== undefined && known === undefined) {
      response.writeHead(404).end();
      return;
    }
    Promise.resolve(known ?? opened())
      .then((session) => session.handleRequest(request, response))
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  try {
    return await use(`http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`);
  } finally {
    for (const session of sessions.values()) await session.close();
    for (const child of children) await child.close();
    http.closeAllConnections();
    http.close();
  }
}
