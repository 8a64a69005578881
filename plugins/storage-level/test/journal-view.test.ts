import { JournalView } from '@ai-orchestrator/core';
import { expect } from 'chai';
import { openLevel } from './support/open-level.js';

const draft = (n: number, action = 'test.even'): { action: string; resource: string; principal: string } => ({
  action: n % 2 === 0 ? action : 'test.odd',
  resource: `test/${n}`,
  principal: 'tester',
});

describe('JournalView', () => {
  it('reads matching records after a sequence, page by page [STORE-09]', async () => {
    const { store, dispose } = await openLevel();
    try {
      const journal = new JournalView(store);
      await journal.append(Array.from({ length: 9 }, (_, n) => draft(n + 1)));
      const pages: (readonly [number[], number, boolean])[] = [];
      for (let after = 0, more = true; more;) {
        const page = await journal.read({ afterSequence: after, limit: 2, filter: { actions: ['test.odd'] } });
        pages.push([page.entries.map(({ sequence }) => sequence), page.scannedTo, page.more]);
        ({ scannedTo: after, more } = page);
      }
      expect(pages).to.deep.equal([
        [[1, 3], 4, true],
        [[5, 7], 8, true],
        [[9], 9, false],
      ]);
    } finally {
      await dispose();
    }
  });

  it('matches an action or a prefix of it, and a resource or a prefix of it [STORE-09]', async () => {
    const { store, dispose } = await openLevel();
    try {
      const journal = new JournalView(store);
      await journal.append([draft(1), draft(2), { action: 'testing', resource: 'test', principal: 'tester' }]);
      const matching = async (filter: object): Promise<number[]> =>
        (await journal.read({ afterSequence: 0, limit: 10, filter })).entries.map(({ sequence }) => sequence);
      expect({
        prefix: await matching({ actions: ['test.'] }),
        exact: await matching({ actions: ['testing', 'test.even'] }),
        resource: await matching({ resource: 'test/2' }),
        under: await matching({ resource: 'test/' }),
      }).to.deep.equal({ prefix: [1, 2], exact: [2, 3], resource: [2], under: [1, 2] });
    } finally {
      await dispose();
    }
  });

  it('follows records as they come, each once, until the signal aborts [STORE-09]', async () => {
    const { store, dispose } = await openLevel();
    try {
      const journal = new JournalView(store);
      await journal.append([draft(1), draft(2)]);
      const abort = new AbortController();
      const seen: number[] = [];
      const followed = (async (): Promise<void> => {
        for await (const { entries } of journal.follow({ afterSequence: 1, signal: abort.signal })) {
          seen.push(...entries.map(({ sequence }) => sequence));
          if (seen.length === 21) abort.abort();
        }
      })();
      for (let n = 0; n < 20; n++) await journal.append([draft(n)]);
      await followed;
      expect(seen).to.deep.equal(Array.from({ length: 21 }, (_, n) => n + 2));
    } finally {
      await dispose();
    }
  });
});
