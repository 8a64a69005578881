// A pair of agents in a thread of its own, so that its requests wait for the daemon and not for the loop that makes the load beside them.
// Told `{ seconds }`, it answers the latency of one request at a time.
import { parentPort, workerData } from 'node:worker_threads';
import { ask, latency, login, wire } from './contenders/_daemon.mjs';

const [echo, asking] = [await login(workerData), await login(workerData)];
await ask(echo, 1, 'agent.register', { agentId: 'echo', card: { name: 'echo', version: '1.0.0', skills: [] } });
echo.onmessage = (request) => echo.send(`{"jsonrpc":"2.0","id":${wire.idOf(request)},"result":"${'y'.repeat(1000)}"}`);
const { call } = wire.rpcCaller(
  asking,
  wire.jsonRpc('message.request', { to: { agent: 'echo' }, payload: 'x'.repeat(1000) }),
);
parentPort.on('message', async ({ seconds }) => parentPort.postMessage(await latency(call, seconds)));
