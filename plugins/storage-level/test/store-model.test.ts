import {
  compareKeys,
  type Commit,
  type CommitResult,
  type Entry,
  type JsonValue,
  type Put,
  type Store,
} from '@ai-orchestrator/core/plugin';
import { expect } from 'chai';
import fc from 'fast-check';
import { openLevel } from './support/open-level.js';

const KEYS = ['a', 'a/1', 'a/2', 'b', 'é', '\uffee', '\u{1f600}'];
const key = fc.constantFrom(...KEYS);

/** What a test does to a store: a commit, with checks against the revision of now, or of before. */
const step = fc.record({
  writes: fc.uniqueArray(fc.record({ key, value: fc.option(fc.integer()) }), { maxLength: 3, selector: (w) => w.key }),
  checks: fc.array(fc.record({ key, stale: fc.boolean() }), { maxLength: 2 }),
  events: fc.nat({ max: 2 }),
  then: fc.constantFrom('nothing', 'nothing', 'nothing', 'wait', 'restart'),
});

function valueOf(put: Put): JsonValue {
  return 'text' in put ? (JSON.parse(put.text) as JsonValue) : put.value;
}

/** The store as a sorted map: the specification in ten lines. */
class Model {
  readonly entries = new Map<string, Entry>();
  readonly changes: { revision: number; keys: string[] }[] = [];
  revision = 0;
  sequence = 0;

  commit({ checks = [], puts = [], deletes = [], events = [] }: Commit): CommitResult {
    for (const check of checks) {
      const revision = this.entries.get(check.key)?.revision ?? 0;
      if (revision !== check.revision) return { committed: false, conflict: { key: check.key, revision } };
    }
    const revision = ++this.revision;
    this.sequence += events.length;
    for (const put of puts) this.entries.set(put.key, { key: put.key, value: valueOf(put), revision });
    for (const gone of deletes) this.entries.delete(gone);
    const keys = [...puts.map(({ key }) => key), ...deletes];
    if (keys.length > 0) this.changes.push({ revision, keys });
    return { committed: true, revision, sequence: events.length === 0 ? 0 : this.sequence };
  }

  range(from: string, to: string, reverse: boolean): Entry[] {
    const inside = [...this.entries.values()].filter(
      (e) => compareKeys(e.key, from) >= 0 && compareKeys(e.key, to) < 0,
    );
    return inside.sort((a, b) => compareKeys(a.key, b.key) * (reverse ? -1 : 1));
  }
}

async function pagesOf(
  store: Store,
  from: string,
  to: string,
  reverse: boolean,
  limit: number,
): Promise<readonly Entry[]> {
  const page = await store.range({ from, to, reverse, limit });
  if (page.next === undefined) return page.entries;
  expect(page.entries.length).to.equal(limit);
  const [start, end] = reverse ? [from, page.next] : [page.next, to];
  return [...page.entries, ...(await pagesOf(store, start, end, reverse, limit))];
}

async function watched(store: Store, count: number): Promise<{ revision: number; keys: string[] }[]> {
  const abort = new AbortController();
  const seen: { revision: number; keys: string[] }[] = [];
  if (count === 0) return seen;
  for await (const { revision, changes } of store.watch('', 0, abort.signal)) {
    const keys = changes.map((change) => change.key).filter((changed) => !changed.startsWith('journal/'));
    if (keys.length > 0) seen.push({ revision, keys });
    if (seen.length === count) abort.abort();
  }
  return seen;
}

describe('a store and its model', () => {
  it('agree on pages of a queue that is half in the index, was shortened and goes on [STORE-07]', async () => {
    const queued = fc.record({
      before: fc.uniqueArray(fc.nat({ max: 400 }), { maxLength: 300 }),
      gone: fc.uniqueArray(fc.nat({ max: 400 }), { maxLength: 300 }),
      after: fc.uniqueArray(fc.nat({ max: 400 }), { maxLength: 300 }),
      limit: fc.integer({ min: 1, max: 40 }),
      reverse: fc.boolean(),
    });
    const keyOf = (n: number): string => `queue/${n}`;
    await fc.assert(
      fc.asyncProperty(queued, async ({ before, gone, after, limit, reverse }) => {
        const under = await openLevel({ indexDelayMs: 60_000 });
        try {
          const model = new Model();
          const commits: Commit[] = [
            { puts: before.map((n) => ({ key: keyOf(n), value: n })) },
            { deletes: gone.map(keyOf) },
            { puts: after.map((n) => ({ key: keyOf(n), value: -n })) },
          ];
          let { store } = under;
          for (const [i, commit] of commits.entries()) {
            await store.commit(commit);
            model.commit(commit);
            // What was before comes into the index, the rest is in memory only.
            if (i === 0) store = await under.reopen();
          }
          const bounds = [keyOf(1), 'queue0'] as const;
          const entries = await pagesOf(store, ...bounds, reverse, limit);
          expect(entries).to.deep.equal(model.range(...bounds, reverse));
        } finally {
          await under.dispose();
        }
      }),
      { numRuns: 25 },
    );
  });

  it('agree on every commit, range and watch, over restarts and with commits in flight [STORE-07]', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), key, key, async (steps, from, to) => {
        const under = await openLevel();
        try {
          const model = new Model();
          let { store } = under;
          let running: Promise<CommitResult>[] = [];
          const expected: CommitResult[] = [];
          const results: CommitResult[] = [];
          for (const { writes, checks, events, then } of steps) {
            const commit: Commit = {
              checks: checks.map((c) => ({
                key: c.key,
                revision: (model.entries.get(c.key)?.revision ?? 0) + (c.stale ? 1 : 0),
              })),
              puts: writes.flatMap((w): Put[] =>
                w.value === null
                  ? []
                  : [w.value % 2 === 0 ? { key: w.key, value: w.value } : { key: w.key, text: String(w.value) }],
              ),
              deletes: writes.flatMap((w) => (w.value === null ? [w.key] : [])),
              events: Array.from({ length: events }, () => ({ action: 'a.b', resource: 'r', principal: 'p' })),
            };
            expected.push(model.commit(commit));
            running.push(store.commit(commit));
            if (then === 'nothing') continue;
            results.push(...(await Promise.all(running)));
            running = [];
            if (then === 'restart') store = await under.reopen();
          }
          results.push(...(await Promise.all(running)));
          expect(results).to.deep.equal(expected);
          for (const reverse of [false, true]) {
            for (const limit of [1, 2, 1000]) {
              const entries = await pagesOf(store, from, to, reverse, limit);
              const written = entries.filter((entry) => !entry.key.startsWith('journal/'));
              expect(written).to.deep.equal(model.range(from, to, reverse));
            }
          }
          expect(await watched(store, model.changes.length)).to.deep.equal(model.changes);
          expect((await store.verify()).findings).to.deep.equal([]);
          expect([store.revision, store.journalHead.sequence]).to.deep.equal([model.revision, model.sequence]);
        } finally {
          await under.dispose();
        }
      }),
      { numRuns: process.env.FAULTS === 'full' ? 500 : 40 },
    );
  });
});
