import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { callBy, failure, startCore } from '../support/core.js';
import { settled } from '../support/manual-time.js';
import type { MemoryStore } from '../support/memory-store.js';
import { brief, conversation } from './conversation.js';

const contextId = 'talk';
const SECRET = 'a word in confidence';

async function everything(store: MemoryStore): Promise<string> {
  const { entries } = await store.range({ from: '!', to: '~', limit: 1000 });
  return JSON.stringify(entries);
}

describe('context.export', () => {
  it('hands out the record and every entry as JSON Lines, page by page, and is journaled [CTX-24]', async () => {
    const { handlers, session, say, store, stop } = await conversation({ title: 'Plans' });
    for (let n = 1; n <= 40; n++) await say('ann', { n });
    const lines: string[] = [];
    let pages = 0;
    for (let cursor: string | undefined, more = true; more; pages++) {
      const page: { entries: string[]; cursor?: string } = await handlers.contextExport(
        { contextId, limit: 15, ...(cursor === undefined ? {} : { cursor }) },
        callBy(session('bob')),
      );
      lines.push(...page.entries);
      cursor = page.cursor;
      more = cursor !== undefined;
    }
    const parsed = lines.map((line) => JSON.parse(line) as { context?: { title: string }; payload?: { n: number } });
    expect({
      title: parsed[0]?.context?.title,
      said: parsed.slice(1).map(({ payload }) => payload?.n),
      pages,
      journal: store.journal().filter((line) => line.startsWith('context.exported')),
    }).to.deep.equal({
      title: 'Plans',
      said: Array.from({ length: 40 }, (_, n) => n + 1),
      pages: 3,
      journal: ['context.exported context/talk bob success'],
    });
    await stop();
  });
});

describe('context.erase', () => {
  it('takes all content away and leaves who took part, numbers and hashes [CTX-25]', async () => {
    const { handlers, session, say, read, get, store, stop } = await conversation({ title: SECRET });
    for (let n = 1; n <= 250; n++) await say('ann', `${SECRET} ${String(n)}`, { idempotencyKey: String(n) });
    await handlers.contextSummarize({ contextId, upTo: 9 }, callBy(session('bob'), 'context.summarize', SECRET));
    const denied = await failure(() => handlers.contextErase({ contextId }, callBy(session('ann'))));
    const call = () => callBy(session('lead'), 'context.erase');
    const { erased } = await handlers.contextErase({ contextId, reason: 'request 12' }, call());
    const again = await handlers.contextErase({ contextId }, call());
    const { state, title, participants, entries, bytes, erased: mark } = await get('ann');
    expect({
      denied: denied.name,
      entries: erased.entries,
      again: again.erased,
      secret: (await everything(store)).includes(SECRET),
      record: { state, title, participants: participants.length, entries, bytes, by: mark?.by },
      read: brief(await read('ann')),
      append: (await failure(() => say('ann', 'more'))).name,
      reuse: (await failure(() => handlers.contextCreate({ contextId }, call()))).name,
      journal: store.journal().slice(-2),
    }).to.deep.equal({
      denied: 'permission_denied',
      entries: 251,
      again: erased,
      secret: false,
      record: { state: 'erased', title: undefined, participants: 4, entries: 0, bytes: 0, by: 'lead' },
      read: [],
      append: 'context_closed',
      reuse: 'conflict',
      journal: ['context.erasing context/talk lead success', 'context.erased context/talk lead success'],
    });
    await stop();
  });

  it('is begun by the next who asks when the first one fails [CTX-25]', async () => {
    const { handlers, session, say, store, stop } = await conversation();
    for (let n = 1; n <= 3; n++) await say('ann', SECRET);
    const erase = () => handlers.contextErase({ contextId }, callBy(session('lead'), 'context.erase'));
    const commit = store.commit.bind(store);
    let second: ReturnType<typeof erase> | undefined;
    store.commit = async () => {
      store.commit = commit;
      second = erase();
      await settled();
      throw new OrchestratorError('storage_full', 'no space left');
    };
    const first = await failure(erase);
    const erased = (await second)?.erased;
    expect({
      first: first.name,
      entries: erased?.entries,
      journal: store.journal().filter((line) => line.startsWith('context.eras')),
    }).to.deep.equal({
      first: 'storage_full',
      entries: 3,
      journal: ['context.erasing context/talk lead success', 'context.erased context/talk lead success'],
    });
    await stop();
  });

  it('asks everything that keeps content of the context, and is done by whoever administers contexts [CTX-26]', async () => {
    const { handlers, services, connect, store, stop } = await conversation();
    const asked: string[] = [];
    const remove = services.contexts.addErasureSource({
      kind: 'message',
      erase: (id) => {
        asked.push(id);
        return Promise.resolve({ items: 3, bytes: 100 });
      },
    });
    const root = connect('root', 'admin');
    const { erased } = await handlers.contextErase({ contextId }, callBy(root, 'context.erase'));
    remove();
    expect({ asked, erased, owner: (await everything(store)).includes('"value":0') }).to.deep.equal({
      asked: ['talk'],
      erased: { entries: 0, messages: 3, tasks: 0, state: 0, bytes: 100 },
      owner: true,
    });
    await stop();
  });

  it('goes on after a restart that interrupted it [CTX-27]', async () => {
    const first = await conversation();
    await first.say('ann', SECRET);
    const stuck = new Error('the power went');
    first.services.contexts.addErasureSource({ kind: 'task', erase: () => Promise.reject(stuck) });
    const call = callBy(first.session('lead'), 'context.erase');
    const failed = await first.handlers.contextErase({ contextId }, call).then(String, (error: unknown) => error);
    const between = (await first.get()).state;
    await first.stop();
    const { handlers, connect, stop } = await startCore({ store: first.store, time: first.time });
    for (let i = 0; i < 10; i++) await settled();
    const { state, erased } = await handlers.contextGet({ contextId }, callBy(connect('lead', 'operator')));
    expect({ failed, between, state, by: erased?.by, entries: erased?.removed.entries }).to.deep.equal({
      failed: stuck,
      between: 'erasing',
      state: 'erased',
      by: 'lead',
      entries: 1,
    });
    await stop();
  });
});
