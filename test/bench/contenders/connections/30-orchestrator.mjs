// Our daemon: idle connections, each logged in.
import { daemon, login } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port, { bench: false });
export const connect = (addr) => login(addr);
