/** An agent that answers what it is asked. Run it with ORCHESTRATOR_URL and ORCHESTRATOR_TOKEN set. */
import { connect } from '@ai-orchestrator/protocol/client';

const { ORCHESTRATOR_URL: url = 'ws://127.0.0.1:7420/rpc', ORCHESTRATOR_TOKEN: token = '' } = process.env;

const client = await connect({ url, token });
process.once('SIGTERM', () => void client.drain());

const agent = await client.agent({
  agentId: 'echo',
  card: { name: 'Echo', version: '1.0.0' },
  skills: { echo: { description: 'Answers its payload.', handler: (payload) => payload } },
});
process.stdout.write('echo is ready\n');

await agent.ended;
await client.close();
