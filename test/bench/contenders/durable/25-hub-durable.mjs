// The bare hub between two agents: message.send of 1 KiB, message.handle, message.ack, acknowledged after the sync; its loop waits for each sync.
// A task is the same at this level: task.submit, task.assign and task.complete are as many frames and as many writes.
import { acknowledging, messagesTo } from '../_daemon.mjs';
import { bareHub } from '../_hub.mjs';
export const kind = 'limit';
export const skip = (cell) => (cell.op === 'enqueue' ? 'sends and acknowledges' : undefined);
export const server = () => bareHub({ blocking: true });

let items;
export const client = (addr) => (items ??= messagesTo(addr, acknowledging('inbox')));
