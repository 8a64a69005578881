import { event, method, OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import Type from 'typebox';
import { boot, BootError } from '../../src/index.js';
import { type AnyPlugin, definePlugin, Journal, type PluginHost, token } from '../../src/plugin/index.js';
import { entry, loosely, surroundings } from './surroundings.js';

const Value = token<number>('value');
const greet = method({
  name: 'greet.say',
  summary: 'Greets.',
  permission: 'public',
  params: Type.Object({}),
  result: Type.Object({ text: Type.String() }),
});

/** A plugin that writes into a diary when it starts and stops. */
function diarist(id: string, diary: string[], requires = {}, provides = {}): AnyPlugin {
  return loosely({
    id,
    requires,
    provides,
    start({ defer }: PluginHost) {
      diary.push(`+${id}`);
      defer(() => void diary.push(`-${id}`));
      return { services: Object.fromEntries(Object.keys(provides).map((name) => [name, 1])) };
    },
  });
}

async function problemsOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'no error',
    (error: unknown) => (error instanceof BootError ? error.problems : error),
  );
}

describe('boot', () => {
  it('gives a plugin its config, services, log, emit, stopMs, defer and onReload, and nothing else [PLUGIN-05]', async () => {
    const { given } = surroundings();
    given.services.set(Value, 7);
    const seen: unknown[] = [];
    const plugin = definePlugin({
      id: 'curious',
      config: Type.Object({ depth: Type.Integer({ default: 3 }) }),
      requires: { value: Value },
      start: (host) => void seen.push(Object.keys(host).sort(), host.config, host.services),
    });
    const booted = await boot({ ...given, plugins: [entry(plugin)] });
    await booted.stop();
    expect(seen).to.deep.equal([
      ['config', 'defer', 'emit', 'log', 'onReload', 'services', 'stopMs'],
      { depth: 3 },
      { value: 7 },
    ]);
  });

  it('hands services on, offers them to the daemon, and stops in reverse order [PLUGIN-06]', async () => {
    const { given } = surroundings();
    const diary: string[] = [];
    const plugins = [
      entry(diarist('user', diary, { value: Value })),
      entry(diarist('giver', diary, {}, { value: Value })),
    ];
    const booted = await boot({ ...given, plugins });
    const value = booted.service(Value);
    const report = await booted.stop();
    expect({ value, report, diary }).to.deep.equal({
      value: 1,
      report: { problems: [] },
      diary: ['+giver', '+user', '-user', '-giver'],
    });
  });

  it('registers methods under the name of the plugin and takes them away at stop [PLUGIN-07]', async () => {
    const { given, methods } = surroundings();
    const plugin = definePlugin({
      id: 'greeter',
      methods: { greet },
      start: () => ({ handlers: { greet: () => ({ text: 'hi' }) } }),
    });
    const booted = await boot({ ...given, plugins: [entry(plugin)] });
    const owner = methods.get('greet.say')?.owner;
    await booted.stop();
    expect({ owner, after: [...methods.keys()] }).to.deep.equal({ owner: 'greeter', after: [] });
  });

  it('refuses a plugin that does not hand back what it declared [PLUGIN-08]', async () => {
    const { given } = surroundings();
    const plugins = [
      { id: 'no-handler', methods: { greet }, start: () => undefined },
      { id: 'no-service', provides: { value: Value }, start: () => ({ services: {} }) },
    ].map((plugin) => entry(loosely(plugin)));
    const booted = await boot({ ...given, plugins });
    const reasons = booted.report().map(({ state, reason }) => ({ state, reason }));
    await booted.stop();
    expect(reasons).to.deep.equal([
      { state: 'failed', reason: 'failed to start: declared handler "greet" but start() did not return it' },
      { state: 'failed', reason: 'failed to start: declared service "value" but start() did not return it' },
    ]);
  });

  it('starts nothing when a required plugin cannot use its configuration [PLUGIN-09]', async () => {
    const { given } = surroundings();
    const diary: string[] = [];
    const picky = definePlugin({ id: 'picky', config: Type.Object({ path: Type.String() }), start: () => undefined });
    const plugins = [entry(diarist('first', diary)), entry(picky, { required: true, config: { paht: 1 } })];
    const problems = await problemsOf(boot({ ...given, plugins }));
    expect({ problems, diary }).to.deep.equal({
      problems: [
        {
          plugin: 'picky',
          reason:
            'cannot use its configuration: config key "path" is missing; config key "paht" is not known; did you mean "path"?',
        },
      ],
      diary: [],
    });
  });

  it('refuses every plugin of an id that is there twice', async () => {
    const { given } = surroundings();
    const booted = await boot({ ...given, plugins: [entry(diarist('twin', [])), entry(diarist('twin', []))] });
    await booted.stop();
    expect(booted.report().map(({ id, state, reason }) => [id, state, reason])).to.deep.equal([
      ['twin', 'failed', 'is there more than once: plugin ids are unique, remove one'],
      ['twin', 'failed', 'is there more than once: plugin ids are unique, remove one'],
    ]);
  });

  it('writes declared events to the journal, and says so when it cannot [PLUGIN-10]', async () => {
    const { given } = surroundings();
    const appended: unknown[] = [];
    const done = event({ name: 'work.done', summary: 'Done.', details: Type.Object({ count: Type.Integer() }) });
    const other = event({ name: 'work.other', summary: 'Other.', details: Type.Object({}) });
    const emitter = definePlugin({
      id: 'emitter',
      events: { done },
      async start({ emit }) {
        await emit(done, { count: 2 }, { resource: 'work/1' });
        await emit(other as never, {} as never, { resource: 'work/1' }).catch((error: unknown) =>
          appended.push((error as Error).message),
        );
      },
    });
    const journal = definePlugin({
      id: 'journal',
      provides: { journal: Journal },
      start: () => ({
        services: { journal: { append: async (events: unknown[]) => void appended.push(...events) } as never },
      }),
    });
    await (await boot({ ...given, plugins: [entry(emitter), entry(journal)] })).stop();
    const alone = await boot({ ...given, plugins: [entry(emitter)] });
    await alone.stop();
    expect({ appended, alone: alone.report()[0]?.reason }).to.deep.equal({
      appended: [
        { action: 'work.done', resource: 'work/1', principal: 'daemon', details: { count: 2 } },
        'plugin "emitter" emits "work.other" without declaring it: add it to its events',
      ],
      alone: `failed to start: ${new OrchestratorError('unavailable').message}: work.done: no plugin provides the journal now`,
    });
  });
});

describe('reload', () => {
  const Depth = Type.Object({ depth: Type.Integer({ default: 1 }) });

  function measurer(id: string, diary: string[], requires = {}, provides = {}): AnyPlugin {
    return loosely({
      id,
      config: Depth,
      requires,
      provides,
      start({ config, defer }: PluginHost<{ depth: number }>) {
        if (config.depth > 9) throw new Error('too deep');
        diary.push(`+${id}${config.depth}`);
        defer(() => void diary.push(`-${id}${config.depth}`));
        return { services: Object.fromEntries(Object.keys(provides).map((name) => [name, 1])) };
      },
    });
  }

  it('restarts the plugins whose configuration changed, and those that need them [PLUGIN-11]', async () => {
    const { given } = surroundings();
    const diary: string[] = [];
    const plugins = [
      entry(measurer('a', diary, {}, { value: Value })),
      entry(measurer('b', diary, { value: Value })),
      entry(measurer('c', diary)),
    ];
    const booted = await boot({ ...given, plugins });
    const result = await booted.reload(new Map([['a', { depth: 2 }]]));
    await booted.stop();
    expect({ result, diary }).to.deep.equal({
      result: { restarted: ['a', 'b'] },
      diary: ['+a1', '+b1', '+c1', '-b1', '-a1', '+a2', '+b1', '-c1', '-b1', '-a2'],
    });
  });

  it('is refused whole when one plugin cannot use its configuration [PLUGIN-12]', async () => {
    const { given } = surroundings();
    const diary: string[] = [];
    const booted = await boot({ ...given, plugins: [entry(measurer('a', diary)), entry(measurer('b', diary))] });
    const configs = new Map([
      ['a', { depth: 2 }],
      ['b', { depth: 'x' }],
    ]);
    const validated = booted.validate(configs);
    const problems = await problemsOf(booted.reload(configs));
    const expected = [{ plugin: 'b', reason: 'cannot use its configuration: config key "depth" must be integer' }];
    const before = [...diary];
    await booted.stop();
    expect({ validated, problems, before }).to.deep.equal({
      validated: expected,
      problems: expected,
      before: ['+a1', '+b1'],
    });
  });

  it('goes back to the earlier configurations when one cannot start with its new one [PLUGIN-12]', async () => {
    const { given } = surroundings();
    const diary: string[] = [];
    const booted = await boot({ ...given, plugins: [entry(measurer('a', diary)), entry(measurer('b', diary))] });
    const problems = await problemsOf(
      booted.reload(
        new Map([
          ['a', { depth: 2 }],
          ['b', { depth: 10 }],
        ]),
      ),
    );
    const states = booted.report().map(({ state }) => state);
    await booted.stop();
    expect({ problems, states, diary }).to.deep.equal({
      problems: [{ plugin: 'b', reason: 'refuses its new configuration: it failed to start: too deep' }],
      states: ['started', 'started'],
      diary: ['+a1', '+b1', '-b1', '-a1', '+a2', '-a2', '+a1', '+b1', '-b1', '-a1'],
    });
  });

  it('offers a new configuration first to a plugin that can take it while it runs [PLUGIN-18]', async () => {
    const { given } = surroundings();
    const diary: string[] = [];
    const live = loosely({
      id: 'live',
      config: Depth,
      start({ config, onReload, defer }: PluginHost<{ depth: number }>) {
        diary.push(`+live${config.depth}`);
        defer(() => void diary.push('-live'));
        onReload(({ depth }) => {
          if (depth === 7) throw new Error('seven is too many');
          if (depth < 5) diary.push(`~live${depth}`);
          return depth < 5;
        });
      },
    });
    const booted = await boot({ ...given, plugins: [entry(live), entry(measurer('a', diary))] });
    const taken = await booted.reload(new Map([['live', { depth: 2 }]]));
    const refused = await problemsOf(booted.reload(new Map([['live', { depth: 7 }]])));
    const undone = await problemsOf(
      booted.reload(
        new Map([
          ['live', { depth: 3 }],
          ['a', { depth: 10 }],
        ]),
      ),
    );
    const restarted = await booted.reload(new Map([['live', { depth: 5 }]]));
    await booted.stop();
    expect({ taken, refused, undone, restarted, diary }).to.deep.equal({
      taken: { restarted: [] },
      refused: [{ plugin: 'live', reason: 'refuses its new configuration: seven is too many' }],
      undone: [{ plugin: 'a', reason: 'refuses its new configuration: it failed to start: too deep' }],
      restarted: { restarted: ['live'] },
      diary: ['+live1', '+a1', '~live2', '~live3', '-a1', '+a1', '~live2', '-live', '+live5', '-a1', '-live'],
    });
  });

  it('refuses to change a plugin that a required one needs [PLUGIN-12]', async () => {
    const { given } = surroundings();
    const plugins = [
      entry(measurer('a', [], {}, { value: Value })),
      entry(measurer('b', [], { value: Value }), { required: true }),
    ];
    const booted = await boot({ ...given, plugins });
    const problems = booted.validate(new Map([['a', { depth: 2 }]]));
    await booted.stop();
    expect(problems).to.deep.equal([
      { plugin: 'a', reason: 'cannot change while "b" needs it: restart the daemon to apply its configuration' },
    ]);
  });
});
