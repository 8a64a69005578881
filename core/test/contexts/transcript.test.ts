import { hash } from 'node:crypto';
import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import { settled } from '../support/manual-time.js';
import type { MemorySession } from '../support/memory-session.js';
import { brief, conversation } from './conversation.js';

interface Events {
  readonly entries: { readonly entry: number; readonly payload?: unknown }[];
  readonly cursor: string;
}

function received(session: MemorySession): Events[] {
  return session.notifications
    .filter(({ method }) => method === 'subscription.events')
    .map(({ params }) => params as Events);
}

describe('context.append', () => {
  it('adds an entry with what it came with, and a record with its hash and no content [CTX-08]', async () => {
    const { say, read, store, stop } = await conversation();
    await say('ann', { text: 'hello' });
    const answer = await say('bob', 'hi', { type: 'greeting', inReplyTo: 1, contentType: 'text/plain' });
    const records = await store.range({ from: 'journal/', to: 'journal0', limit: 1000 });
    const record = records.entries.at(-1)?.value as { details: unknown; contentHash: string };
    expect({
      answer,
      entry: (await read('ann')).entries[1],
      details: record.details,
      hash: record.contentHash,
      content: JSON.stringify(records).includes('hello'),
    }).to.deep.equal({
      answer: { entry: 2, at: '2026-01-01T00:00:00.000Z' },
      entry: {
        entry: 2,
        at: '2026-01-01T00:00:00.000Z',
        by: 'bob',
        agent: 'bob',
        type: 'greeting',
        contentType: 'text/plain',
        inReplyTo: 1,
        payload: 'hi',
      },
      details: { contextId: 'talk', entry: 2, agent: 'bob', bytes: 4 },
      hash: hash('sha256', '"hi"', 'hex'),
      content: false,
    });
    await stop();
  });

  it('happens once for an idempotency key, and is refused with another payload [CTX-09]', async () => {
    const { say, read, stop } = await conversation();
    const first = await say('ann', 'once', { idempotencyKey: 'k' });
    const again = await say('ann', 'once', { idempotencyKey: 'k' });
    const other = await failure(() => say('ann', 'twice', { idempotencyKey: 'k' }));
    expect({ again, other: other.name, entries: brief(await read('ann')) }).to.deep.equal({
      again: first,
      other: 'conflict',
      entries: ['1 ann "once"'],
    });
    await stop();
  });

  it('is refused when it is too large, the transcript full, the type one of ours, or the context closed [CTX-10]', async () => {
    const limits = { contexts: { entries: 2, bytes: 1000, entryBytes: 500 } };
    const { handlers, say, session, get, stop } = await conversation({}, { limits });
    const refusals = [
      await failure(() => say('ann', 'x'.repeat(500))),
      await failure(() => say('ann', 'x', { type: 'summary' })),
      await failure(() => say('ann', 'x', { inReplyTo: 1 })),
    ];
    await say('ann', 'x'.repeat(400));
    await say('ann', 'x'.repeat(200));
    refusals.push(await failure(() => say('ann', 'x')));
    await handlers.contextClose({ contextId: 'talk' }, callBy(session('lead')));
    refusals.push(await failure(() => say('ann', 'x')));
    expect({
      refusals: refusals.map(({ name, limit }) => [name, limit]),
      entries: (await get()).entries,
    }).to.deep.equal({
      refusals: [
        ['limit_exceeded', 'contexts.entryBytes'],
        ['invalid_params', undefined],
        ['invalid_params', undefined],
        ['limit_exceeded', 'contexts.entries'],
        ['context_closed', undefined],
      ],
      entries: 2,
    });
    await stop();
  });

  it('numbers what many say at once without waiting for one another, and a refused one takes nothing [CTX-11]', async () => {
    const { say, read, get, stop } = await conversation();
    const said = await Promise.all(
      Array.from({ length: 60 }, (_, n) => say(['ann', 'bob', 'cid'][n % 3] ?? '', n, { idempotencyKey: String(n) })),
    );
    await failure(() => say('ann', 'another', { idempotencyKey: '0' }));
    const { entries } = await read('ann', { limit: 1000 });
    expect({
      numbers: entries.map(({ entry }) => entry),
      said: said.map(({ entry }) => entry).sort((a, b) => a - b),
      counted: (await get()).entries,
    }).to.deep.equal({
      numbers: Array.from({ length: 60 }, (_, n) => n + 1),
      said: Array.from({ length: 60 }, (_, n) => n + 1),
      counted: 60,
    });
    await stop();
  });
});

describe('context.read', () => {
  it('pages from both ends, and from an entry on [CTX-12]', async () => {
    const { say, read, stop } = await conversation();
    for (let n = 1; n <= 7; n++) await say('ann', n);
    const pages = async (params: object) => {
      const numbers: number[][] = [];
      for (let cursor: string | undefined, more = true; more;) {
        const page = await read('bob', { ...params, limit: 3, ...(cursor === undefined ? {} : { cursor }) });
        numbers.push(page.entries.map(({ entry }) => entry));
        cursor = page.cursor;
        more = cursor !== undefined;
      }
      return numbers;
    };
    expect([
      await pages({}),
      await pages({ from: 'end' }),
      await pages({ since: 4 }),
      await pages({ from: 'end', since: 5 }),
    ]).to.deep.equal([[[1, 2, 3], [4, 5, 6], [7]], [[7, 6, 5], [4, 3, 2], [1]], [[5, 6, 7]], [[7, 6]]]);
    await stop();
  });

  it('gives no more at once than a page may have bytes [CTX-12]', async () => {
    const { say, read, stop } = await conversation({}, { limits: { contexts: { pageBytes: 1000 } } });
    for (let n = 1; n <= 40; n++) await say('ann', 'x'.repeat(300));
    const { entries, cursor } = await read('bob', { limit: 1000 });
    expect({ few: entries.length < 10, more: cursor !== undefined }).to.deep.equal({ few: true, more: true });
    await stop();
  });
});

describe('context.summarize', () => {
  it('gives the summary instead of what it covers, from either end, and the original to who asks [CTX-13]', async () => {
    const { handlers, session, say, read, get, stop } = await conversation();
    for (let n = 1; n <= 5; n++) await say('ann', n);
    const summarize = (upTo: number, text: string) =>
      handlers.contextSummarize({ contextId: 'talk', upTo }, callBy(session('bob'), 'context.summarize', text));
    await summarize(2, 'one and two');
    const { entry, covers } = await summarize(4, 'one to four');
    await say('cid', 6);
    const shown = async (params: object) => brief(await read('ann', params));
    expect({
      answer: { entry, covers },
      summary: (await get()).summary,
      start: await shown({}),
      end: await shown({ from: 'end' }),
      firstPage: await shown({ limit: 1 }),
      original: await shown({ include: 'original' }),
      since: await shown({ since: 4 }),
      backwards: (await failure(() => summarize(3, 'less'))).name,
    }).to.deep.equal({
      answer: { entry: 7, covers: { from: 1, to: 4 } },
      summary: { entry: 7, upTo: 4 },
      start: ['7 bob "one to four"', '5 ann 5', '8 cid 6'],
      end: ['8 cid 6', '5 ann 5', '7 bob "one to four"'],
      firstPage: ['7 bob "one to four"'],
      original: [
        '1 ann 1',
        '2 ann 2',
        '3 ann 3',
        '4 ann 4',
        '5 ann 5',
        '6 bob "one and two"',
        '7 bob "one to four"',
        '8 cid 6',
      ],
      since: ['5 ann 5', '8 cid 6'],
      backwards: 'invalid_params',
    });
    await stop();
  });
});

describe('context.watch', () => {
  it('sends each entry once and in order, also to who comes back with its cursor [CTX-14]', async () => {
    const { handlers, connect, session, say, stop } = await conversation();
    await say('ann', 1);
    const watcher = session('bob');
    await handlers.contextWatch({ contextId: 'talk' }, callBy(watcher));
    await Promise.all([say('ann', 2), say('cid', 3)]);
    await settled();
    watcher.close();
    await say('ann', 4);
    const again = connect('bob');
    const after = received(watcher).at(-1)?.cursor ?? '';
    await handlers.contextWatch({ contextId: 'talk', after }, callBy(again));
    await say('ann', 5);
    await settled();
    const entries = [...received(watcher), ...received(again)].flatMap((batch) =>
      batch.entries.map(({ entry }) => entry),
    );
    again.close();
    expect(entries).to.deep.equal([2, 3, 4, 5]);
    await stop();
  });

  for (const how of ['was removed', 'left']) {
    it(`ends for who ${how} [CTX-15]`, async () => {
      const { handlers, session, say, stop } = await conversation();
      const watcher = session('bob');
      let ended: unknown;
      const subscribe = watcher.subscribe.bind(watcher);
      watcher.subscribe = (source) =>
        subscribe((signal) =>
          (async function* () {
            try {
              yield* source(signal);
            } catch (error) {
              ended = error;
            }
          })(),
        );
      await handlers.contextWatch({ contextId: 'talk' }, callBy(watcher));
      if (how === 'left') await handlers.contextLeave({ contextId: 'talk', agentId: 'bob' }, callBy(session('bob')));
      else await handlers.contextRemove({ contextId: 'talk', participant: { agent: 'bob' } }, callBy(session('lead')));
      await say('ann', 'not for bob');
      await settled();
      expect({ ended: (ended as { errorName?: string }).errorName, seen: received(watcher) }).to.deep.equal({
        ended: 'permission_denied',
        seen: [],
      });
      await stop();
    });
  }
});

describe('retention', () => {
  it('deletes entries that are older than the context keeps them, and expires cursors before them [CTX-16]', async () => {
    const { handlers, session, say, read, get, time, store, stop } = await conversation({ retentionMs: 100_000 });
    const { cursor } = await handlers.contextWatch({ contextId: 'talk' }, callBy(session('cid')));
    for (let n = 1; n <= 3; n++) await say('ann', n);
    await time.advance(90_000);
    await say('bob', 4);
    await time.advance(60_000);
    const left = brief(await read('ann'));
    const { entries, first } = await get();
    const late = await failure(() =>
      handlers.contextWatch({ contextId: 'talk', after: cursor }, callBy(session('cid'))),
    );
    expect({ left, entries, first, late: late.name, journal: store.journal().at(-1) }).to.deep.equal({
      left: ['4 bob 4'],
      entries: 1,
      first: 4,
      late: 'cursor_expired',
      journal: 'context.trimmed context/talk daemon success',
    });
    session('cid').close();
    await time.advance(100_000);
    await time.advance(60_000);
    expect([brief(await read('ann')), (await get()).bytes]).to.deep.equal([[], 0]);
    await stop();
  });

  it('is told to who reads on from an entry after which some are gone that no summary stands for [CTX-16]', async () => {
    const { say, read, time, stop } = await conversation({ retentionMs: 100_000 });
    for (let n = 1; n <= 3; n++) await say('ann', n);
    await time.advance(90_000);
    await say('bob', 4);
    await time.advance(60_000);
    const late = await failure(() => read('ann', { since: 2 }));
    expect([late.name, late.first, brief(await read('ann', { since: 3 })), brief(await read('ann'))]).to.deep.equal([
      'cursor_expired',
      4,
      ['4 bob 4'],
      ['4 bob 4'],
    ]);
    await stop();
  });

  it('does not step over an entry that is on its way to the store [CTX-16]', async () => {
    const { session, say, read, get, time, store, stop } = await conversation({ retentionMs: 100_000 });
    for (let n = 1; n <= 3; n++) await say('ann', n);
    await time.advance(90_000);
    const commit = store.commit.bind(store);
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    store.commit = async (each) => {
      await held;
      return commit(each);
    };
    const said = say('bob', 4);
    await time.advance(60_000);
    release();
    await said;
    await settled();
    const { first } = await get();
    const before = brief(await read('ann'));
    session('cid').close();
    await time.advance(100_000);
    await time.advance(60_000);
    expect([first, before, brief(await read('ann'))]).to.deep.equal([4, ['4 bob 4'], []]);
    await stop();
  });

  it('keeps the original of a summary until its time is over, and the summary on [CTX-17]', async () => {
    const { handlers, session, say, read, time, stop } = await conversation({ originalMs: 100_000 });
    for (let n = 1; n <= 250; n++) await say('ann', n);
    await handlers.contextSummarize(
      { contextId: 'talk', upTo: 249 },
      callBy(session('bob'), 'context.summarize', 'much'),
    );
    await time.advance(90_000);
    const kept = (await read('ann', { include: 'original', limit: 1000 })).entries.length;
    await time.advance(60_000);
    for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
    const original = brief(await read('ann', { include: 'original', limit: 1000 }));
    expect({ kept, original, shown: brief(await read('ann')) }).to.deep.equal({
      kept: 251,
      original: ['250 ann 250', '251 bob "much"'],
      shown: ['251 bob "much"', '250 ann 250'],
    });
    expect(brief(await read('ann', { since: 9 }))).to.deep.equal(['251 bob "much"', '250 ann 250']);
    await stop();
  });
});
