import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * Gives turns while `use` runs, so many at a time: who connects to the port is sent a byte when it is its turn, and ends it by leaving.
 * The official suite starts all its clients at once, which is more than a small machine can run.
 */
export async function withTurns<T>(atOnce: number, use: (port: number) => Promise<T>): Promise<T> {
  const waiting: Socket[] = [];
  const having = new Set<Socket>();
  const next = (): void => {
    while (having.size < atOnce) {
      const socket = waiting.shift();
      if (socket === undefined) return;
      having.add(socket);
      socket.write('.');
    }
  };
  const server = createServer((socket) => {
    waiting.push(socket);
    // One that was killed leaves as well.
    socket.on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    socket.on('close', () => {
      having.delete(socket);
      if (waiting.includes(socket)) waiting.splice(waiting.indexOf(socket), 1);
      next();
    });
    socket.resume();
    next();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await use((server.address() as AddressInfo).port);
  } finally {
    for (const socket of [...having, ...waiting]) socket.destroy();
    server.close();
  }
}
