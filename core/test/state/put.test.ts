import { expect } from 'chai';
import { failure, startCore } from '../support/core.js';
import { echoOf, stateJournal } from './echo.js';

describe('state.put', () => {
  it('writes a field in one commit with its journal record [STATE-10]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    const before = core.store.commits;
    const put = await echo.put('mood', { calm: true });
    const got = await echo.get();
    expect({ put, got, commits: core.store.commits - before, journal: stateJournal(core) }).to.deep.equal({
      put: { revision: 1, outcome: 'written' },
      got: {
        agentId: 'echo',
        revision: 1,
        fields: {
          mood: {
            value: { calm: true },
            revision: 1,
            rule: 'last-write',
            updatedAt: '2026-01-01T00:00:00.000Z',
            updatedBy: 'key:echo',
          },
        },
      },
      commits: 1,
      journal: ['state.written state/agent/echo key:echo success'],
    });
    await core.stop();
  });

  it('compares and sets: another revision is a conflict with both values [STATE-11]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.put('mood', 'calm', { revision: 0 });
    const blind = await failure(() => echo.put('mood', 'bored', { revision: 0 }));
    const set = await echo.put('mood', 'curious', { revision: 1 });
    const late = await failure(() => echo.put('mood', 'bored', { revision: 1 }));
    const gone = await failure(() => echo.put('other', 1, { revision: 5 }));
    expect({ blind, set, late, gone, values: await echo.values() }).to.deep.equal({
      blind: {
        name: 'conflict',
        resource: 'field/mood',
        current: { value: 'calm', revision: 1 },
        yours: { value: 'bored' },
      },
      set: { revision: 2, outcome: 'written' },
      late: {
        name: 'conflict',
        resource: 'field/mood',
        current: { value: 'curious', revision: 2 },
        yours: { value: 'bored' },
      },
      gone: { name: 'conflict', resource: 'field/other', current: null, yours: { value: 1 } },
      values: { mood: 'curious' },
    });
    await core.stop();
  });

  it('lets one of many writers win who compare with the same revision [STATE-11]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    const all = await Promise.allSettled(Array.from({ length: 64 }, (_, i) => echo.put('mood', i, { revision: 0 })));
    const won = all.flatMap((one, i) => (one.status === 'fulfilled' ? [i] : []));
    expect({ winners: won.length, values: await echo.values() }).to.deep.equal({
      winners: 1,
      values: { mood: won[0] },
    });
    await core.stop();
  });

  it('joins changes that come during a commit into the next one [STATE-12]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({ fields: { visits: { rule: 'merge', merge: 'counter' } } });
    const before = core.store.commits;
    await Promise.all(Array.from({ length: 64 }, () => echo.operate('visits', { add: 1 })));
    expect({ values: await echo.values(), commits: core.store.commits - before }).to.deep.equal({
      values: { visits: 64 },
      commits: 1,
    });
    await core.stop();
  });

  it('fails alone: what else went with it is written [STATE-12]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    const [first, second, third] = await Promise.allSettled([
      echo.put('a', 1),
      echo.put('b', 2, { revision: 9 }),
      echo.put('c', 3),
    ]);
    expect([first.status, second.status, third.status, await echo.values()]).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
      { a: 1, c: 3 },
    ]);
    await core.stop();
  });

  it('happens once for its idempotency key; with another value the key is refused; nothing of the value is kept [STATE-13]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    const first = await echo.put('mood', 'secretly calm', { idempotencyKey: 'k' });
    const again = await echo.put('mood', 'secretly calm', { idempotencyKey: 'k' });
    const other = await failure(() => echo.put('mood', 'bored', { idempotencyKey: 'k' }));
    const kept = await core.store.range({ from: 'effects/answers/', to: 'effects/answers0' });
    expect({ first, again, other: other.name, secret: JSON.stringify(kept).includes('secretly') }).to.deep.equal({
      first: { revision: 1, outcome: 'written' },
      again: { revision: 1, outcome: 'written' },
      other: 'conflict',
      secret: false,
    });
    await core.stop();
  });

  it('takes exactly one operation, and only one that the kind of field has [STATE-14]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({ fields: { tags: { rule: 'merge', merge: 'set' } } });
    const none = await failure(() => echo.operate('mood', {}));
    const two = await failure(() => echo.put('mood', 1, { delete: true }));
    const adding = await failure(() => echo.operate('mood', { add: 1 }));
    const wrong = await failure(() => echo.put('tags', 'x'));
    const either = 'must have exactly one of value, delete, add, insert, remove, set, unset';
    expect([none, two, adding, wrong].map(({ issues }) => issues)).to.deep.equal([
      [{ path: '', message: either }],
      [{ path: '', message: either }],
      [{ path: '/value', message: 'a plain field takes value, delete' }],
      [{ path: '/value', message: 'a set takes an array' }],
    ]);
    await core.stop();
  });

  it('merges maps key by key, and sets item by item, against the base that the writer knew [STATE-15]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({ fields: { map: { rule: 'merge' }, tags: { rule: 'merge', merge: 'set' } } });
    await echo.put('map', { a: 1, b: 1 });
    const { revision } = await echo.put('tags', ['x', 'y']);
    await echo.operate('map', { set: { c: 3 } });
    await echo.operate('tags', { insert: ['z'] });
    const merged = [
      await echo.put('map', { a: 2 }, { base: revision }),
      await echo.put('tags', ['x'], { base: revision }),
      await echo.operate('map', { unset: ['a'] }),
      await echo.operate('tags', { remove: ['x'] }),
    ];
    expect({ outcomes: merged.map(({ outcome }) => outcome), values: await echo.values() }).to.deep.equal({
      outcomes: ['merged', 'merged', 'written', 'written'],
      values: { map: { c: 3 }, tags: ['z'] },
    });
    await core.stop();
  });

  it('refuses a write to a field with the rule refuse that does not say what it knew [STATE-15]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({ fields: { plan: { rule: 'refuse' } } });
    const { revision } = await echo.put('plan', 'a');
    const blind = await failure(() => echo.put('plan', 'b'));
    const known = await echo.put('plan', 'c', { base: revision });
    expect({ blind: [blind.current, blind.yours], known: known.outcome }).to.deep.equal({
      blind: [{ value: 'a', revision: 2 }, { value: 'b' }],
      known: 'written',
    });
    await core.stop();
  });

  it('is bounded: bytes of a field and of a document, fields, versions, waiting changes [STATE-16]', async () => {
    const limits = {
      state: { fieldBytes: 400, documentBytes: 800, fields: 3, alternatives: 1, waitingPerDocument: 8 },
    };
    const core = await startCore({ limits });
    const echo = await echoOf(core);
    await echo.define({ fields: { plan: { rule: 'keep-both' } } });
    const { revision } = await echo.get();
    const wide = await failure(() => echo.put('big', 'x'.repeat(400)));
    await echo.put('plan', 1, { base: revision });
    await echo.put('plan', 2, { base: revision });
    const torn = await failure(() => echo.put('plan', 3, { base: revision }));
    await echo.put('a', 'x'.repeat(200));
    const heavy = await failure(() => echo.put('b', 'x'.repeat(230)));
    await echo.put('b', 1);
    const many = await failure(() => echo.put('c', 1));
    const waiting = await Promise.allSettled(Array.from({ length: 9 }, () => echo.put('a', 1)));
    expect([
      wide.limit,
      torn.name,
      heavy.limit,
      many.limit,
      waiting.filter(({ status }) => status === 'rejected').length,
    ]).to.deep.equal(['state.fieldBytes', 'conflict', 'state.documentBytes', 'state.fields', 1]);
    await core.stop();
  });

  it('shows nothing that the store failed to write, and goes on afterwards [STATE-17]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.put('mood', 'calm');
    const commit = core.store.commit.bind(core.store);
    core.store.commit = () => Promise.reject(new Error('the disk is gone'));
    const failed = await echo.put('mood', 'bored').catch((error: unknown) => String(error));
    core.store.commit = commit;
    const between = await echo.values();
    await echo.put('mood', 'curious', { revision: 1 });
    expect({ failed, between, after: await echo.values() }).to.deep.equal({
      failed: 'Error: the disk is gone',
      between: { mood: 'calm' },
      after: { mood: 'curious' },
    });
    await core.stop();
  });

  it('sees what another writer of the store did, and decides by that [STATE-17]', async () => {
    const core = await startCore();
    const other = await startCore({ store: core.store, time: core.time });
    const echo = await echoOf(core);
    const elsewhere = await echoOf(other);
    await echo.put('mood', 'calm');
    await elsewhere.put('mood', 'curious');
    const late = await failure(() => echo.put('mood', 'bored', { revision: 1 }));
    await echo.put('mood', 'bored', { revision: 2 });
    expect({ late: late.current, values: await echo.values() }).to.deep.equal({
      late: { value: 'curious', revision: 2 },
      values: { mood: 'bored' },
    });
    await core.stop();
    await other.stop();
  });
});
