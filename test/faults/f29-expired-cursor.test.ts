import { JOURNAL_PREFIX, journalKey, type Store } from '@ai-orchestrator/core/plugin';
import { expect } from 'chai';
import { agent, listeningCore } from './support/listening-core.js';

/** The store as it is once retention has taken the journal's first records. */
function withoutJournalBefore(store: Store, sequence: () => number): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'range') {
        return (options: Parameters<Store['range']>[0]) => {
          const first = journalKey(sequence());
          const inJournal = options.from.startsWith(JOURNAL_PREFIX) && options.from < first;
          return target.range(inJournal ? { ...options, from: first } : options);
        };
      }
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}

describe('F29: resuming with a cursor whose records are gone', () => {
  it('is answered cursor_expired; reading the state and subscribing anew leaves no gap [F29]', async () => {
    let kept = 1;
    const daemon = await listeningCore({ store: (store) => withoutJournalBefore(store, () => kept) });
    const ann = await daemon.connect('ann');
    const first = await daemon.connect('root', 'admin');
    const { cursor } = await first.result('journal.subscribe');
    await first.close();
    for (const id of ['a', 'b', 'c']) await ann.result('agent.register', agent(id));
    kept = 3;

    const second = await daemon.connect('root', 'admin');
    const refused = await second.failure('journal.subscribe', { after: cursor });
    await second.result('journal.subscribe');
    const { entries } = await second.result('agent.list');
    await ann.result('agent.register', agent('d'));
    while (second.received.length === 0) await second.result('daemon.ping');
    const told = second.received.flatMap(({ params }) => params.entries as { resource: string }[]);
    const seen = {
      refused: [refused.name, refused.hint],
      state: (entries as { agentId: string }[]).map(({ agentId }) => agentId),
      told: told.map(({ resource }) => resource),
    };
    await second.close();
    await ann.close();
    await daemon.stop();
    expect(seen).to.deep.equal({
      refused: ['cursor_expired', 'Read the current state, then subscribe again without a cursor.'],
      state: ['a', 'b', 'c'],
      told: ['agent/d'],
    });
  });
});
