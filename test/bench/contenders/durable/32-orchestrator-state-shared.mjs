// Our daemon over a socket: state.put of 1 KiB with compare-and-set, all writers on fields of one document, as several agents share it.
import { daemon } from '../_daemon.mjs';
import { stateWriter } from './31-orchestrator-state.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port);
export const skip = (cell) => (cell.op === 'enqueue' ? undefined : 'stores only');
export const client = (addr, cell, i) => stateWriter(addr, cell, 'shared', `field-${process.pid}-${i}`);
