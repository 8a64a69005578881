/** Lets agents converse by turns: `convene.js 8 ann bob cid` counts with them until somebody has said 8, then ends the conversation. */
import { connect } from '@ai-orchestrator/protocol/client';

const { ORCHESTRATOR_URL: url = 'ws://127.0.0.1:7420/rpc', ORCHESTRATOR_TOKEN: token = '' } = process.env;
const [until = '8', ...agents] = process.argv.slice(2);

const client = await connect({ url, token });
const context = await client.createContext({
  title: `Counting to ${until}`,
  turns: 'roundRobin',
  participants: agents.map((agent) => ({ agent })),
});
for (const agent of agents) await client.send({ agent }, { contextId: context.contextId }, { type: 'join' });

// Who convenes takes part too: the turn comes round to it.
await context.append({ count: 1 });
for await (const { by, agent, type, payload, turn } of context.follow()) {
  if (type !== 'message') continue;
  const { count } = payload as { count: number };
  process.stdout.write(`${agent ?? by}: ${count}\n`);
  if (count >= Number(until)) break;
  if (turn?.holder && 'principal' in turn.holder) await context.append({ count: count + 1 });
}
await context.close();
await client.close();
