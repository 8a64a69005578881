import { expect } from 'chai';
import { journalCursor } from '../../src/store/journal-handlers.js';
import { callBy, card, failure, startCore } from '../support/core.js';
import { settled } from '../support/manual-time.js';

interface Events {
  readonly entries: { readonly sequence: number; readonly action: string }[];
  readonly cursor: string;
}

async function withRecords(count: number) {
  const core = await startCore();
  const session = core.connect('ann');
  const add = async (i: number) =>
    core.handlers.agentRegister({ agentId: `a${String(i)}`, card: card() }, callBy(session));
  for (let i = 1; i <= count; i++) await add(i);
  return { ...core, add, session, watcher: core.connect('root', 'admin') };
}

describe('journal.read', () => {
  it('answers records in order, from a sequence or a cursor on, narrowed by action and resource [AGENTS-27]', async () => {
    const { handlers, session, watcher, stop } = await withRecords(3);
    await handlers.agentDeregister({ agentId: 'a2' }, callBy(session));
    const read = async (params: object) => {
      const { entries, cursor } = await handlers.journalRead(params, callBy(watcher));
      return { sequences: entries.map((entry) => entry.sequence), cursor };
    };
    const first = await read({ limit: 2 });
    expect({
      first: first.sequences,
      rest: await read({ after: first.cursor }),
      from: await read({ fromSequence: 4 }),
      action: await read({ actions: ['agent.deregistered'] }),
      prefix: await read({ actions: ['agent.'], resource: 'agent/a1' }),
    }).to.deep.equal({
      first: [1, 2],
      rest: { sequences: [3, 4], cursor: undefined },
      from: { sequences: [4], cursor: undefined },
      action: { sequences: [4], cursor: undefined },
      prefix: { sequences: [1], cursor: undefined },
    });
    await stop();
  });
});

describe('journal.subscribe', () => {
  it('sends each record once, also to a client that comes back with its cursor [AGENTS-28]', async () => {
    const { handlers, add, connect, watcher, stop } = await withRecords(2);
    const { cursor: start } = await handlers.journalSubscribe({}, callBy(watcher));
    await add(3);
    await settled();
    watcher.close();
    await add(4);
    const again = connect('root', 'admin');
    const last = watcher.notifications.at(-1)?.params as Events | undefined;
    await handlers.journalSubscribe({ after: last?.cursor ?? start }, callBy(again));
    await add(5);
    await settled();
    const sequences = [...watcher.notifications, ...again.notifications].flatMap(({ params }) =>
      (params as Events).entries.map((entry) => entry.sequence),
    );
    again.close();
    expect(sequences).to.deep.equal([3, 4, 5]);
    await stop();
  });

  it('refuses a cursor whose records are no longer kept, in its answer [AGENTS-28]', async () => {
    const { handlers, store, watcher, stop } = await withRecords(4);
    const { cursor } = await handlers.journalRead({ limit: 1 }, callBy(watcher));
    store.forgetJournal(3);
    const after = cursor ?? '';
    const { name } = await failure(() => handlers.journalSubscribe({ after }, callBy(watcher)));
    const wrong = await failure(() => handlers.journalSubscribe({ after: 'bm9uc2Vuc2U' }, callBy(watcher)));
    expect({ name, wrong: wrong.name }).to.deep.equal({ name: 'cursor_expired', wrong: 'invalid_params' });
    await stop();
  });

  it('refuses a cursor past the last record, as of a journal that was set back [AGENTS-28]', async () => {
    const { handlers, watcher, stop } = await withRecords(4);
    const after = journalCursor(5);
    const errors = [
      await failure(() => handlers.journalSubscribe({ after }, callBy(watcher))),
      await failure(() => handlers.journalRead({ after }, callBy(watcher))),
    ];
    expect(errors.map(({ name }) => name)).to.deep.equal(['cursor_expired', 'cursor_expired']);
    await stop();
  });
});
