/** An agent that answers by way of another: it shouts what whoever has the skill `echo` answered. */
import { connect } from '@ai-orchestrator/protocol/client';

const { ORCHESTRATOR_URL: url = 'ws://127.0.0.1:7420/rpc', ORCHESTRATOR_TOKEN: token = '' } = process.env;

const client = await connect({ url, token });
process.once('SIGTERM', () => void client.drain());

const agent = await client.agent({
  agentId: 'relay',
  card: { name: 'Relay', version: '1.0.0' },
  skills: {
    shout: {
      description: 'Answers its payload in capitals.',
      async handler(payload, work) {
        // Asked within the work: under its deadline, canceled with it, one hop further.
        const answer = await work.request({ skill: 'echo' }, payload);
        return { shouted: String(answer.payload).toUpperCase(), by: answer.agent };
      },
    },
  },
});
process.stdout.write('relay is ready\n');

await agent.ended;
await client.close();
