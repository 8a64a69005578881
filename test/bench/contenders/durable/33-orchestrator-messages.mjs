// Our daemon: message.send of 1 KiB to an agent, delivered by message.handle, acknowledged by message.ack after the sync; every check on.
import { acknowledging, daemon, messagesTo } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port);
export const skip = (cell) => (cell.op === 'enqueue' ? 'sends and acknowledges' : undefined);

let items;
export const client = (addr) => (items ??= messagesTo(addr, acknowledging('inbox')));
