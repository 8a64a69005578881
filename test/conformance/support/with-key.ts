import { createServer, request as forward } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/**
 * Hands requests on with headers added, while `use` runs: the official suite has no key of its own. Nothing else is changed but the
 * port in `Host` and `Origin`, which is the one that the client called.
 */
export async function withKey<T>(
  target: { readonly url: string; readonly headers?: Readonly<Record<string, string>> },
  use: (url: string) => Promise<T>,
): Promise<T> {
  const { hostname, port, pathname } = new URL(target.url);
  const server = createServer((request, response) => {
    const mine = `:${(server.address() as AddressInfo).port}`;
    const there = (name: string): string => (name.endsWith(mine) ? `${name.slice(0, -mine.length)}:${port}` : name);
    const { host = '', origin } = request.headers;
    const named = { host: there(host), ...(origin !== undefined && { origin: there(origin) }) };
    const onward = forward(
      {
        hostname,
        port,
        path: pathname,
        method: request.method,
        headers: { ...request.headers, ...named, ...target.headers },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        response.flushHeaders();
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      },
    );
    onward.on('error', () => response.destroy());
    // A closed stream says something in the modern era: it is handed on.
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use(`http://localhost:${(server.address() as AddressInfo).port}${pathname}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
