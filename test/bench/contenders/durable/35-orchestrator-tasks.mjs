// Our daemon: task.submit with 1 KiB of input to an agent, assigned under a lease, completed by task.complete after the sync; every check on.
import { acknowledged, daemon, worker } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port);
export const skip = (cell) => (cell.op === 'enqueue' ? 'submits and completes' : undefined);

const AGENT = 'worker';
let assignments;

export async function client(addr, cell) {
  assignments ??= worker(addr, AGENT, 'task.open', 'task.assign', (agent, text, id) => {
    const [taskId, epoch] = [/"taskId":"([^"]+)"/.exec(text)[1], /"epoch":(\d+)/.exec(text)[1]];
    agent.send(`{"jsonrpc":"2.0","id":${id},"result":null}`);
    return [taskId, 'task.complete', `{"taskId":"${taskId}","epoch":${epoch},"output":null}`];
  });
  const data = JSON.stringify(Buffer.alloc(cell.size - 2, 'durable message body; ').toString());
  return acknowledged(addr, await assignments, 'task.submit', `{"to":{"agent":"${AGENT}"},"input":${data}}`, 'taskId');
}
