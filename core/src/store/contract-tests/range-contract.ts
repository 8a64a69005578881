import assert from 'node:assert/strict';
import type { Store } from '../store.js';
import type { OpenStore } from './store-contract.js';
import { put, refuses, withStore } from './with-store.js';

async function keysOf(store: Store, from: string, to: string, limit: number, reverse: boolean): Promise<string[][]> {
  const pages: string[][] = [];
  let [start, end] = [from, to];
  for (;;) {
    const page = await store.range({ from: start, to: end, limit, reverse });
    pages.push(page.entries.map(({ key }) => key));
    if (page.next === undefined) return pages;
    if (reverse) end = page.next;
    else start = page.next;
  }
}

/** range. */
export function rangeContract(open: OpenStore): void {
  describe('range', () => {
    it(
      'answers keys from the first bound up to and without the second, by page, forwards and in reverse',
      withStore(open, async (store) => {
        for (const key of ['e', 'a', 'c', 'b', 'd', 'f']) await put(store, key, 1);
        assert.deepEqual(
          [await keysOf(store, 'b', 'f', 3, false), await keysOf(store, 'b', 'f', 3, true)],
          [
            [['b', 'c', 'd'], ['e']],
            [['e', 'd', 'c'], ['b']],
          ],
        );
        assert.deepEqual(await keysOf(store, 'b', 'f', 4, false), [['b', 'c', 'd', 'e']]);
      }),
    );

    it(
      'orders keys by their bytes in UTF-8',
      withStore(open, async (store) => {
        const keys = ['a', 'z', 'é', '\uffee', '\u{1f600}'];
        for (const key of [...keys].reverse()) await put(store, key, 1);
        assert.deepEqual(await keysOf(store, 'a', '\u{10ffff}', 100, false), [keys]);
      }),
    );

    it(
      'does not show its own keys, nor anything in an empty or reversed range',
      withStore(open, async (store) => {
        await put(store, 'a', 1);
        assert.deepEqual(
          [
            await keysOf(store, '', 'b', 100, false),
            await keysOf(store, 'b', 'b', 100, false),
            await keysOf(store, 'c', 'a', 100, true),
          ],
          [['a'], [], []].map((page) => [page]),
        );
      }),
    );

    it(
      'answers 100 entries unless asked otherwise and refuses limits outside of 1 to 1,000',
      withStore(open, async (store) => {
        const puts = Array.from({ length: 120 }, (_, i) => ({ key: `k${String(i).padStart(3, '0')}`, value: i }));
        await store.commit({ puts });
        const page = await store.range({ from: 'k', to: 'l' });
        assert.deepEqual([page.entries.length, page.next], [100, 'k100']);
        await refuses('invalid_params', store.range({ from: 'k', to: 'l', limit: 0 }));
        await refuses('invalid_params', store.range({ from: 'k', to: 'l', limit: 1001 }));
      }),
    );
  });
}
