// Our daemon with its default plugins: store, keys, metrics, HTTP and WebSocket; ready when the port accepts.
import { daemon } from '../_daemon.mjs';
export const kind = 'ours';
export const start = ({ port }) => daemon(port, { bench: false });
