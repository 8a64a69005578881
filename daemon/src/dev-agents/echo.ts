import { runAgent } from './run-agent.js';

await runAgent({
  agentId: 'echo',
  card: {
    name: 'Echo',
    description: 'Answers with what it was asked; text also word by word, to whoever takes partial answers.',
    version: '1.0.0',
  },
  skills: {
    echo: {
      name: 'Echo',
      description: 'Give back the payload.',
      handler(payload, work) {
        if (typeof payload === 'string') for (const word of payload.split(' ')) work.part(word);
        return payload;
      },
    },
  },
});
