// Our daemon: idle connections, each logged in with an agent registered on it.
import { ask, daemon, login } from '../_daemon.mjs';
export const kind = 'ours';
export const program = ({ port }) => daemon(port, { bench: false });
export async function connect(addr, i) {
  const ws = await login(addr);
  const skills = [{ id: 'echo', description: 'Answers what it is sent.', version: '1.0.0' }];
  await ask(ws, 1, 'agent.register', {
    agentId: `agent-${i}`,
    card: { name: `Agent ${i}`, version: '1.0.0', skills, labels: { zone: `z${i % 10}` } },
  });
  return ws;
}
