// Our daemon: an echo, logged in, authorized, validated, rate limited, measured.
import { ask, daemon, login, payloads, wire } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port);
export async function client(addr, payload, i) {
  const ws = await login(addr);
  if (i === 0) {
    const got = await ask(ws, 7, 'bench.echo', payload);
    if (!payloads.same(got, payload)) throw new Error('wrong answer');
  }
  return wire.rpcCaller(ws, wire.jsonRpc('bench.echo', payload));
}
