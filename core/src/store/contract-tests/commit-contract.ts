import assert from 'node:assert/strict';
import type { Store } from '../store.js';
import type { OpenStore } from './store-contract.js';
import { put, refuses, withStore } from './with-store.js';

/** commit, get and getMany. */
export function commitContract(open: OpenStore): void {
  describe('commit', () => {
    it(
      'begins at revision 0 with nothing',
      withStore(open, async (store) => {
        assert.deepEqual(
          { revision: store.revision, state: store.state, reason: store.stateReason, found: await store.get('a') },
          { revision: 0, state: 'open', reason: undefined, found: undefined },
        );
      }),
    );

    it(
      'gives every key the revision of the commit that wrote it, and revisions rise',
      withStore(open, async (store) => {
        const first = await put(store, 'a', 1);
        const second = await put(store, 'b', 2);
        assert.ok(second > first);
        assert.equal(store.revision, second);
        assert.deepEqual(await store.getMany(['b', 'none', 'a']), [
          { key: 'b', value: 2, revision: second },
          undefined,
          { key: 'a', value: 1, revision: first },
        ]);
      }),
    );

    it(
      'keeps every kind of JSON value as it is',
      withStore(open, async (store) => {
        const value = {
          text: 'é\u{1f600}\n\u0000',
          none: null,
          yes: true,
          n: -1.5e-7,
          list: [[], {}, 'x'],
          big: 2 ** 53,
        };
        await store.commit({ puts: [{ key: 'ключ/\u{1f600}', value }] });
        assert.deepEqual((await store.get('ключ/\u{1f600}'))?.value, value);
      }),
    );

    it(
      'keeps JSON text as it came, and answers any value as text',
      withStore(open, async (store, under) => {
        const text = '{ "b":1.0,"a":"\\u00e9\u{1f600}" , "b2":[ ] }';
        const result = await store.commit({
          puts: [
            { key: 'a', text },
            { key: 'b', value: { n: 1 } },
          ],
        });
        assert.ok(result.committed);
        const { revision } = result;
        const read = async (from: Store): Promise<unknown> => [
          await from.getTexts(['b', 'none', 'a']),
          (await from.get('a'))?.value,
        ];
        const expected = [
          [{ key: 'b', text: '{"n":1}', revision }, undefined, { key: 'a', text, revision }],
          { b: 1, a: 'é\u{1f600}', b2: [] },
        ];
        assert.deepEqual([await read(store), await read(await under.reopen())], [expected, expected]);
      }),
    );

    it(
      'keeps a value as it was when commit was called',
      withStore(open, async (store) => {
        const value = { n: 1 };
        const committed = store.commit({ puts: [{ key: 'a', value }] });
        value.n = 2;
        await committed;
        assert.deepEqual((await store.get('a'))?.value, { n: 1 });
      }),
    );

    it(
      'does all of it or nothing',
      withStore(open, async (store) => {
        const revision = await put(store, 'a', 1);
        const result = await store.commit({
          checks: [
            { key: 'a', revision },
            { key: 'b', revision: 7 },
          ],
          puts: [{ key: 'c', value: 1 }],
          deletes: ['a'],
          events: [{ action: 'test.happened', resource: 'test/1', principal: 'tester' }],
        });
        assert.deepEqual(
          { result, left: await store.getMany(['a', 'c']), journal: store.journalHead.sequence },
          {
            result: { committed: false, conflict: { key: 'b', revision: 0 } },
            left: [{ key: 'a', value: 1, revision }, undefined],
            journal: 0,
          },
        );
      }),
    );

    it(
      'takes a check on revision 0 as: must not exist',
      withStore(open, async (store) => {
        const create = (): Promise<{ committed: boolean }> =>
          store.commit({ checks: [{ key: 'a', revision: 0 }], puts: [{ key: 'a', value: 1 }] });
        const once = [(await create()).committed, (await create()).committed];
        await store.commit({ deletes: ['a'] });
        assert.deepEqual([...once, (await create()).committed], [true, false, true]);
      }),
    );

    it(
      'lets exactly one of many that check the same revision through',
      withStore(open, async (store) => {
        const revision = await put(store, 'counter', 0);
        const results = await Promise.all(
          Array.from({ length: 50 }, (_, i) =>
            store.commit({ checks: [{ key: 'counter', revision }], puts: [{ key: 'counter', value: i }] }),
          ),
        );
        assert.deepEqual(
          results.map(({ committed }) => committed),
          results.map((_, i) => i === 0),
        );
      }),
    );

    it(
      'applies commits in the order of the calls',
      withStore(open, async (store) => {
        const results = await Promise.all(
          Array.from({ length: 200 }, (_, i) => store.commit({ puts: [{ key: 'last', value: i }] })),
        );
        const revisions = results.map((result) => (result.committed ? result.revision : -1));
        assert.deepEqual(
          revisions,
          [...revisions].sort((a, b) => a - b),
        );
        assert.equal((await store.get('last'))?.value, 199);
      }),
    );

    it(
      'shows a commit to every read after it was answered',
      withStore(open, async (store) => {
        for (let i = 0; i < 50; i++) {
          const revision = await put(store, 'a', i);
          const entry = { key: 'a', value: i, revision };
          const [got, [many], range] = await Promise.all([
            store.get('a'),
            store.getMany(['a']),
            store.range({ from: 'a', to: 'b' }),
          ]);
          assert.deepEqual([got, many, range.entries], [entry, entry, [entry]]);
        }
      }),
    );

    it(
      'keeps everything over a restart, and counts on',
      withStore(open, async (store, under) => {
        const kept = await put(store, 'a', 1);
        await put(store, 'b', 1);
        await store.commit({ deletes: ['b'] });
        const { revision } = store;
        const again = await under.reopen();
        assert.deepEqual(
          { revision: again.revision, entries: await again.getMany(['a', 'b']) },
          { revision, entries: [{ key: 'a', value: 1, revision: kept }, undefined] },
        );
        assert.ok((await put(again, 'c', 1)) > revision);
      }),
    );

    it(
      'refuses keys that are empty, too long, with U+0000 or a lone surrogate, or its own',
      withStore(open, async (store) => {
        for (const key of ['', 'k'.repeat(1025), 'a\0b', 'a\ud800', '!x', 'journal/0000000000000001']) {
          await refuses('invalid_params', store.commit({ puts: [{ key, value: 1 }] }));
        }
        await refuses('invalid_params', store.commit({ deletes: ['journal/0000000000000001'] }));
        await refuses('invalid_params', store.commit({ puts: [{ key: 'a', value: 1 }], deletes: ['a'] }));
        assert.equal(store.revision, 0);
        await put(store, 'k'.repeat(1024), 1);
      }),
    );
  });
}
