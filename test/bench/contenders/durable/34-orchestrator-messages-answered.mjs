// Our daemon: message.send of 1 KiB to an agent, settled by the answer to message.handle, as handlers of the client do; over once it was answered.
import { acknowledged, daemon, worker } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port);
export const skip = (cell) => (cell.op === 'enqueue' ? 'sends and acknowledges' : undefined);

const AGENT = 'inbox';
let deliveries;

export async function client(addr, cell) {
  deliveries ??= worker(addr, AGENT, 'inbox.open', 'message.handle', (agent, text, id) => {
    agent.send(`{"jsonrpc":"2.0","id":${id},"result":null}`);
    return [/"id":"([^"]+)"/.exec(text)[1]];
  });
  const data = JSON.stringify(Buffer.alloc(cell.size - 2, 'durable message body; ').toString());
  return acknowledged(
    addr,
    await deliveries,
    'message.send',
    `{"to":{"agent":"${AGENT}"},"payload":${data}}`,
    'messageId',
  );
}
