/** An agent that counts with others: invited to a conversation, it says the next number whenever it is its turn. Its id is its argument. */
import { connect } from '@ai-orchestrator/protocol/client';

const { ORCHESTRATOR_URL: url = 'ws://127.0.0.1:7420/rpc', ORCHESTRATOR_TOKEN: token = '' } = process.env;
const [agentId = 'counter'] = process.argv.slice(2);

const client = await connect({ url, token });
process.once('SIGTERM', () => void client.drain());

const agent = await client.agent({ agentId, card: { name: agentId, version: '1.0.0' } });
agent.onMessage('join', async (payload) => {
  const { contextId } = payload as { contextId: string };
  const context = client.context(contextId);
  for await (const { entry, type, turn, payload } of context.follow()) {
    if (type === 'closed') return;
    if (turn?.holder === undefined || !('agent' in turn.holder) || turn.holder.agent !== agentId) continue;
    const { count } = payload as { count: number };
    // The key makes it one answer to one entry, though this message may be handled again after a crash.
    await context.append({ count: count + 1 }, { agentId, idempotencyKey: `${agentId}-${contextId}-${entry}` });
  }
});
process.stdout.write(`${agentId} is ready\n`);

await agent.ended;
await client.close();
