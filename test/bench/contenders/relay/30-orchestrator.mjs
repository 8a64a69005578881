// Our daemon: message.request by agent id, both ends logged in, every check on; the agent answers with its payload, cut out of the request.
import { ask, daemon, login, payloads, wire } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port, { bench: false });

const PAYLOAD = '"payload":';

/** Answers every message.deliver with its payload; payload and params end the request, so that one closing brace too many comes along. */
function echo(agent) {
  agent.onmessage = (request) => {
    const at = request.indexOf(PAYLOAD) + PAYLOAD.length;
    const head = Buffer.from(`{"jsonrpc":"2.0","id":${wire.idOf(request)},"result":`);
    agent.sendFrame(wire.frame(Buffer.concat([head, request.subarray(at, request.length - 1)])));
  };
}

export async function client(addr, payload, i) {
  const [agent, caller] = [await login(addr), await login(addr)];
  const agentId = `agent-${i}`;
  const card = { name: agentId, version: '1.0.0', skills: [{ id: 'echo' }] };
  await ask(agent, 1, 'agent.register', { agentId, card });
  echo(agent);
  const params = { to: { agent: agentId }, payload };
  const answer = await ask(caller, 2, 'message.request', params);
  if (answer.agent !== agentId || !payloads.same(answer.payload, payload)) throw new Error(JSON.stringify(answer));
  const { call } = wire.rpcCaller(caller, wire.jsonRpc('message.request', params));
  return {
    call,
    close() {
      caller.close();
      agent.close();
    },
  };
}
