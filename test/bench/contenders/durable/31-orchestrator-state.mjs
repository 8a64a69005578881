// Our daemon over a socket: state.put of 1 KiB with compare-and-set, each writer a document of its own; history and journal record included.
import { ask, daemon, login, wire } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port);
export const skip = (cell) => (cell.op === 'enqueue' ? undefined : 'stores only');
export const client = (addr, cell, i) => stateWriter(addr, cell, `writer-${process.pid}-${i}`, 'body');

/** A writer of one field, that expects the revision which its last write answered. */
export async function stateWriter(addr, cell, agentId, field) {
  const ws = await login(addr);
  const owner = await ask(ws, 1, 'agent.get', { agentId }).catch(() => undefined);
  if (!owner) await ask(ws, 2, 'agent.register', { agentId, card: { name: 'Writer', version: '1.0.0', skills: [] } });
  const known = await ask(ws, 3, 'state.get', { agentId, fields: [field] });
  let revision = known.fields[field]?.revision ?? 0;
  const value = JSON.stringify(Buffer.alloc(cell.size - 11, 'durable message body; ').toString());
  let waiting;
  let id = 100;
  ws.onmessage = (answer) => {
    const done = waiting;
    if (!done) return;
    waiting = undefined;
    const text = answer.toString();
    const found = /"result":\{"revision":(\d+)/.exec(text);
    if (found) revision = Number(found[1]);
    done(found ? undefined : new Error(text.slice(0, 300)), 0);
  };
  return {
    enqueue(_body, done) {
      waiting = done;
      const params = `{"agentId":"${agentId}","field":"${field}","revision":${revision},"value":${value}}`;
      ws.send(`{"jsonrpc":"2.0","id":${++id},"method":"state.put","params":${params}}`);
    },
    close: () => ws.close(),
  };
}
