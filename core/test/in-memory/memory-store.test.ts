import { expect } from 'chai';
import { MemoryStore } from '../../src/in-memory/index.js';
import { storeContract } from '../../src/store/contract-tests/index.js';

describe('the store in memory [CLIENT-60]', () => {
  storeContract('in memory', () => {
    const store = new MemoryStore(Date);
    return Promise.resolve({
      store,
      // It has nothing but itself to be opened from.
      reopen: () => Promise.resolve(store),
      dispose: () => Promise.resolve(),
    });
  });

  it('tells a watcher that is too far behind that commits are forgotten', async () => {
    const store = new MemoryStore(Date, { commitsKept: 4 });
    for (let i = 0; i < 8; i++) await store.commit({ puts: [{ key: 'a', value: i }] });
    const watched = store.watch('a', 0, new AbortController().signal)[Symbol.asyncIterator]().next();
    expect(await watched.catch((error: unknown) => error)).to.have.property('errorName', 'cursor_expired');
  });
});
