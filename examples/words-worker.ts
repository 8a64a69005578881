/** A worker whose skill is a durable task: it says how far it is, leaves an artifact, and answers a total. */
import { connect } from '@ai-orchestrator/protocol/client';

const { ORCHESTRATOR_URL: url = 'ws://127.0.0.1:7420/rpc', ORCHESTRATOR_TOKEN: token = '' } = process.env;

const client = await connect({ url, token });
process.once('SIGTERM', () => void client.drain());

const agent = await client.agent({
  agentId: 'words',
  card: { name: 'Words', version: '1.0.0' },
  skills: {
    'count-words': {
      description: 'How many words each line of a text has.',
      input: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
      async handler({ text }: { text: string }, work) {
        const lines = text.split('\n');
        const counts = lines.map((line) => line.split(/\s+/).filter((word) => word !== '').length);
        for (const [i, count] of counts.entries()) work.progress((i + 1) / lines.length, `line ${i + 1}: ${count}`);
        // A skill may also be asked for by message.request, which has no artifacts.
        if (work.kind === 'task') await work.artifact('counts', counts.join('\n'), { contentType: 'text/csv' });
        return { lines: lines.length, words: counts.reduce((sum, count) => sum + count, 0) };
      },
    },
  },
});
process.stdout.write('words is ready\n');

await agent.ended;
await client.close();
