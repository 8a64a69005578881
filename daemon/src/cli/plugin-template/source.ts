import type { PluginNames } from './names.js';

/** `src/index.ts` of a new plugin. */
export function pluginSource({ id, noun }: PluginNames): string {
  return `import { definePlugin } from '@ai-orchestrator/core/plugin';
import { event, method, Type } from '@ai-orchestrator/protocol';

const greet = method({
  name: '${noun}.greet',
  summary: 'A greeting.',
  permission: '${noun}:greet',
  params: Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }) }, { additionalProperties: false }),
  result: Type.Object({ text: Type.String() }),
});

const greeted = event({
  name: '${noun}.greeted',
  summary: 'Somebody was greeted.',
  details: Type.Object({ characters: Type.Integer() }, { additionalProperties: false }),
});

export default definePlugin({
  id: '${id}',
  config: Type.Object({ greeting: Type.String({ default: 'Hello' }) }, { additionalProperties: false }),
  methods: { greet },
  events: { greeted },
  start({ config, emit, log, defer }) {
    log.info({ greeting: config.greeting }, 'ready to greet');
    // Whatever start opens is closed here, on the line after; the daemon runs it at stop, last deferred first.
    defer(() => log.info({}, 'no more greetings'));
    return {
      handlers: {
        async greet({ name }, call) {
          const text = \`\${config.greeting}, \${name}!\`;
          // In the journal once this resolves; details carry numbers and names, never contents.
          await emit(greeted, { characters: text.length }, { resource: '${id}', call });
          return { text };
        },
      },
    };
  },
});
`;
}

/** \`test/index.test.ts\` of a new plugin. */
export function pluginTest({ id, noun }: PluginNames): string {
  return `import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Call } from '@ai-orchestrator/core/plugin';
import { startPlugin } from '@ai-orchestrator/core/plugin-testing';
import plugin from '../src/index.js';

describe('${id}', () => {
  it('greets with the configured word, and records it', async () => {
    const { handlers, events, stop } = await startPlugin(plugin, { config: { greeting: 'Good morning' } });

    const answer = await handlers.greet({ name: 'Ada' }, {} as Call);
    await stop();

    assert.deepEqual(answer, { text: 'Good morning, Ada!' });
    assert.deepEqual(
      events.map(({ action, details }) => [action, details]),
      [['${noun}.greeted', { characters: 18 }]],
    );
  });
});
`;
}
