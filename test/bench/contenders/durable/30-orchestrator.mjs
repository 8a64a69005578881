// Our daemon over a socket: bench.put stores 1 KiB with its journal record, all checks on, acknowledged after the sync.
import { daemon, login, wire } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port);
export const skip = (cell) => (cell.op === 'enqueue' ? undefined : 'stores only');
export async function client(addr, cell) {
  const ws = await login(addr);
  const params = JSON.stringify({ data: Buffer.alloc(cell.size - 11, 'durable message body; ').toString() });
  const { call, close } = wire.rpcCaller(
    ws,
    (id) => `{"jsonrpc":"2.0","id":${id},"method":"bench.put","params":${params}}`,
    { check: (answer) => (answer.includes('"result"') ? undefined : answer.toString().slice(0, 200)) },
  );
  return { enqueue: (_body, done) => call((error) => done(error, 0)), close };
}
