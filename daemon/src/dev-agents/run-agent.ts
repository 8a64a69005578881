import { connect, type AgentOptions } from '@ai-orchestrator/protocol/client';

/** How often an agent tries to reach the daemon at its start, with growing pauses; after that the supervisor decides. */
const CONNECT_ATTEMPTS = 20;

/** Runs one agent in this process until it is told to stop: registers it, answers for it, drains on SIGTERM. */
export async function runAgent(agent: AgentOptions): Promise<void> {
  const { ORCHESTRATOR_URL: url, ORCHESTRATOR_TOKEN: token } = process.env;
  if (url === undefined || token === undefined) {
    throw new Error(
      'ORCHESTRATOR_URL and ORCHESTRATOR_TOKEN are not set: the daemon sets them for the programs that it runs.',
    );
  }
  const client = await connect({ url, token, connectAttempts: CONNECT_ATTEMPTS });
  process.once('SIGTERM', () => void client.drain(2_000));
  const { ended } = await client.agent(agent);
  process.stdout.write(`${agent.agentId} is ready\n`);
  const end = await ended;
  process.stdout.write(`${agent.agentId} ended: ${end.reason}\n`);
  await client.close();
  if (end.reason === 'refused') throw end.error;
}
