import assert from 'node:assert/strict';
import type { Store } from '../store.js';
import type { OpenStore, StoreUnderTest } from './store-contract.js';

/** Runs a test on a store of its own. */
export function withStore(open: OpenStore, test: (store: Store, under: StoreUnderTest) => Promise<void>) {
  return async (): Promise<void> => {
    const under = await open();
    try {
      await test(under.store, under);
    } finally {
      await under.dispose();
    }
  };
}

/** Writes one key; answers the revision. */
export async function put(store: Store, key: string, value: string | number): Promise<number> {
  const result = await store.commit({ puts: [{ key, value }] });
  assert.ok(result.committed);
  return result.revision;
}

/** Checks that a promise fails with an error of this name. */
export async function refuses(name: string, answer: Promise<unknown>): Promise<void> {
  await assert.rejects(answer, (error: unknown) => {
    assert.equal(error instanceof Error && 'errorName' in error ? error.errorName : error, name);
    return true;
  });
}
