// What the official suite runs as the client under test. Arguments: the server's URL. Environment: MCP_GATEWAY, a JSON object of url, rpc
// and key, and of the port where turns are given.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { RunningGateway } from './put-behind.js';

const gateway = JSON.parse(process.env.MCP_GATEWAY ?? '{}') as RunningGateway & { readonly turns: number };
const turn = connect(gateway.turns, '127.0.0.1');
await once(turn, 'data');
try {
  // Loaded only now: to load the SDK is most of what there is to do.
  const { runScenario } = await import('./run-scenario.js');
  await runScenario(gateway, process.argv[2] ?? '', process.env);
} finally {
  turn.destroy();
}
