// Our daemon: message.send of 1 KiB to an agent, settled by the answer to message.handle, as handlers of the client do; over once it was answered.
import { answering, daemon, messagesTo } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port);
export const skip = (cell) => (cell.op === 'enqueue' ? 'sends and acknowledges' : undefined);

let items;
export const client = (addr) => (items ??= messagesTo(addr, answering('inbox')));
