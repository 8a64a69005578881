import { event, method } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import Type from 'typebox';
import { type Call, definePlugin, token } from '../../src/plugin/index.js';
import { startPlugin } from '../../src/plugin-testing/index.js';

const Prefix = token<string>('prefix');
const Greeter = token<{ greeted: number }>('greeter');
const say = method({
  name: 'greet.say',
  summary: 'Greets.',
  permission: 'public',
  params: Type.Object({ name: Type.String() }),
  result: Type.Object({ text: Type.String() }),
});
const greeted = event({ name: 'greet.said', summary: 'Greeted.', details: Type.Object({ count: Type.Integer() }) });

const plugin = definePlugin({
  id: 'greet',
  config: Type.Object({ mark: Type.String({ default: '!' }) }),
  requires: { prefix: Prefix },
  provides: { greeter: Greeter },
  methods: { say },
  events: { greeted },
  start({ config, services, emit }) {
    const greeter = { greeted: 0 };
    return {
      services: { greeter },
      handlers: {
        async say({ name }) {
          greeter.greeted += 1;
          await emit(greeted, { count: greeter.greeted }, { resource: 'greet/1' });
          return { text: `${services.prefix} ${name}${config.mark}` };
        },
      },
    };
  },
});

describe('startPlugin', () => {
  it('starts a plugin with fakes, and hands out its services, handlers and events [PLUGIN-17]', async () => {
    const started = await startPlugin(plugin, { services: { prefix: 'Hi' } });
    const answer = await started.handlers.say({ name: 'Ada' }, {} as Call);
    await started.stop();
    expect({ answer, greeter: started.services.greeter, events: started.events }).to.deep.equal({
      answer: { text: 'Hi Ada!' },
      greeter: { greeted: 1 },
      events: [{ action: 'greet.said', resource: 'greet/1', principal: 'daemon', details: { count: 1 } }],
    });
  });

  it('refuses what the daemon would refuse [PLUGIN-17]', async () => {
    const refusal: unknown = await startPlugin(plugin, { config: { mark: 5 } as never }).catch(
      (error: unknown) => error,
    );
    expect((refusal as Error).message).to.equal(
      'plugin "greet" config key "mark" must be string; needs a service "prefix"',
    );
  });
});
