// Our daemon: task.submit with 1 KiB of input to an agent, assigned under a lease, completed by task.complete after the sync; every check on.
import { completing, daemon, tasksFor } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port);
export const skip = (cell) => (cell.op === 'enqueue' ? 'submits and completes' : undefined);

let items;
export const client = (addr) => (items ??= tasksFor(addr, completing('worker')));
