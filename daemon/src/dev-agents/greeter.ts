import { OrchestratorError } from '@ai-orchestrator/protocol';
import { runAgent } from './run-agent.js';

await runAgent({
  agentId: 'greeter',
  card: {
    name: 'Greeter',
    description: 'Greets by way of another agent: it asks whoever can echo.',
    version: '1.0.0',
  },
  skills: {
    greet: {
      name: 'Greet',
      description: 'Greet somebody by name.',
      input: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      async handler(input, work) {
        // The schema holds for what asks for the skill, not for what names only the agent.
        const { name } = (input ?? {}) as { readonly name?: unknown };
        if (typeof name !== 'string') throw new OrchestratorError('invalid_params', 'expected {"name": "..."}');
        const answer = await work.request({ skill: 'echo' }, `Hello, ${name}!`);
        return { greeting: answer.payload, from: 'greeter', by: answer.agent };
      },
    },
  },
});
