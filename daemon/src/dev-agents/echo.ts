import { runAgent } from './run-agent.js';

await runAgent({
  agentId: 'echo',
  card: {
    name: 'Echo',
    description: 'Answers with what it was asked; text also word by word, to whoever takes partial answers.',
    version: '1.0.0',
    skills: [{ id: 'echo', name: 'Echo', description: 'Give back the payload.' }],
  },
  onRequest(message) {
    if (typeof message.payload === 'string') for (const word of message.payload.split(' ')) message.part(word);
    return message.payload;
  },
});
