// A pair of agents in a process of its own: its requests wait for the daemon, and neither for the loop nor for the collector of the process that
// makes the load beside them. Told `{ addr }`, it logs them in; told `{ seconds }`, it answers the latency of one request at a time, and how
// long this process itself waited for a core meanwhile, which no daemon can help.
import { readFileSync } from 'node:fs';
import { ask, latency, login, wire } from './contenders/_daemon.mjs';

let call;
async function connect(addr) {
  const [echo, asking] = [await login(addr), await login(addr)];
  await ask(echo, 1, 'agent.register', { agentId: 'echo', card: { name: 'echo', version: '1.0.0', skills: [] } });
  echo.onmessage = (request) =>
    echo.send(`{"jsonrpc":"2.0","id":${wire.idOf(request)},"result":"${'y'.repeat(1000)}"}`);
  const request = wire.jsonRpc('message.request', { to: { agent: 'echo' }, payload: 'x'.repeat(1000) });
  ({ call } = wire.rpcCaller(asking, request));
}

/** Of this thread, ms since it began: ready to run, and no core free. */
const waitedForCore = () => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;
async function measured(seconds) {
  const before = waitedForCore();
  const found = await latency(call, seconds);
  const each = (waitedForCore() - before) / found.count;
  return { ...found, text: `${found.text}, of each ${each.toFixed(2)} ms waiting for a core on this side` };
}
process.on('message', async ({ addr, seconds }) => {
  process.send(addr === undefined ? await measured(seconds) : await connect(addr).then(() => 'connected'));
});
// With the program that started it.
process.on('disconnect', () => process.exit());
