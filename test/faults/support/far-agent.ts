// The program of F26: an agent that follows the journal and prints the sequence of each record, one a line.
import { connect } from '@ai-orchestrator/protocol/client';

const [, , url = '', token = ''] = process.argv;
const client = await connect({
  url,
  token,
  pingIntervalMs: 1_000,
  connectTimeoutMs: 1_000,
  reconnectBaseMs: 50,
  reconnectMaxMs: 200,
});
process.once('SIGTERM', () => void client.close());
const feed = await client.subscribe();
await client.agent({ agentId: 'far', card: { name: 'Far', version: '1.0.0' }, handler: () => 'here' });
for await (const { sequence } of feed) process.stdout.write(`${sequence}\n`);
