import { expect } from 'chai';
import { callBy, failure, startCore } from '../support/core.js';
import { documentOf, echoOf, stateJournal } from './echo.js';

describe('a document', () => {
  it('belongs to the owner of its agent: others read, and only who has state:admin writes [STATE-18]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.put('mood', 'calm');
    const other = documentOf(core, core.connect('key:other'));
    const operator = documentOf(core, core.connect('key:operator', 'operator'));
    const refused = await failure(() => other.put('mood', 'bored'));
    await operator.put('mood', 'audited');
    const unknown = await failure(() =>
      core.handlers.stateGet({ agentId: 'nobody' }, callBy(core.connect('key:other'), 'state.get')),
    );
    expect({ refused, read: await other.values(), unknown: unknown.name }).to.deep.equal({
      refused: { name: 'permission_denied', permission: 'state:admin', resource: 'agent/echo' },
      read: { mood: 'audited' },
      unknown: 'agent_not_found',
    });
    await core.stop();
  });

  it('is the same after a restart, with its rules, conflicts, history and deletions [STATE-19]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({
      fields: {
        plan: { rule: 'keep-both' },
        map: { rule: 'merge' },
        tags: { rule: 'merge', merge: 'set' },
        n: { rule: 'merge', merge: 'counter' },
      },
    });
    const { revision } = await echo.put('tags', [{ 10: 1, 9: 2 }, 'x']);
    await echo.put('plan', 'north', { base: revision });
    await echo.put('plan', 'south', { base: revision });
    await echo.put('map', { a: [1.5, null] });
    await echo.operate('n', { add: 4 });
    await echo.put('gone', 1);
    await echo.operate('gone', { delete: true });
    const before = { got: await echo.get(), history: await echo.history() };
    await core.stop();
    const again = await startCore({ store: core.store, time: core.time });
    const after = await echoOf(again);
    expect({ got: await after.get(), history: await after.history() }).to.deep.equal(before);
    const removed = await after.operate('tags', { remove: [{ 9: 2, 10: 1 }] });
    expect({ removed, tags: (await after.values()).tags }).to.deep.equal({
      removed: { revision: before.got.revision + 1, outcome: 'written' },
      tags: ['x'],
    });
    await again.stop();
  });

  it('shows a conflict to everyone until somebody decides, and says so in the journal [STATE-20]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({ fields: { plan: { rule: 'keep-both' } } });
    const { revision } = await echo.get();
    await echo.put('plan', 'north', { base: revision });
    await core.time.advance(1000);
    const second = await echo.put('plan', 'south', { base: revision });
    const seen = (await echo.get()).fields.plan;
    const early = await failure(() => echo.resolve('plan', revision + 1, 'both'));
    const resolved = await echo.resolve('plan', second.revision, 'both');
    const again = await failure(() => echo.resolve('plan', resolved.revision, 'none'));
    const after = (await echo.get()).fields.plan;
    expect({
      outcome: second.outcome,
      seen,
      early: early.name,
      again: again.name,
      after: [after?.value, after?.conflict],
    }).to.deep.equal({
      outcome: 'conflict',
      seen: {
        value: 'south',
        revision: 3,
        rule: 'keep-both',
        updatedAt: '2026-01-01T00:00:01.000Z',
        updatedBy: 'key:echo',
        conflict: { alternatives: [{ value: 'north', by: 'key:echo', at: '2026-01-01T00:00:00.000Z', base: 1 }] },
      },
      early: 'conflict',
      again: 'not_found',
      after: ['both', undefined],
    });
    expect(stateJournal(core).map((line) => line.split(' ')[0])).to.deep.equal([
      'state.defined',
      'state.written',
      'state.written',
      'state.conflicted',
      'state.resolved',
    ]);
    await core.stop();
  });

  it('keeps the last writes in a bounded history, page by page [STATE-21]', async () => {
    const core = await startCore({ limits: { state: { historyEntries: 4 } } });
    const echo = await echoOf(core);
    for (let i = 1; i <= 6; i++) await echo.put(i % 2 === 0 ? 'even' : 'odd', i);
    const first = await echo.history({ limit: 3 });
    const rest = await echo.history({ limit: 3, cursor: first.cursor ?? '' });
    const even = await echo.history({ field: 'even' });
    const brief = (page: typeof first) => page.entries.map(({ revision, operation }) => [revision, operation]);
    expect({ first: brief(first), rest: brief(rest), more: rest.cursor, even: brief(even) }).to.deep.equal({
      first: [
        [6, { value: 6 }],
        [5, { value: 5 }],
        [4, { value: 4 }],
      ],
      rest: [[3, { value: 3 }]],
      more: undefined,
      even: [
        [6, { value: 6 }],
        [4, { value: 4 }],
      ],
    });
    await core.stop();
  });

  it('keeps no more bytes of history than its bound [STATE-21]', async () => {
    const core = await startCore({
      limits: { state: { historyEntries: 10, historyBytes: 1_000, historyValueBytes: 400 } },
    });
    const echo = await echoOf(core);
    for (let i = 0; i < 6; i++) await echo.put('text', String(i).repeat(300));
    const { entries } = await echo.history();
    const stored = await core.store.range({ from: 'state/agent/echo/history/', to: 'state/agent/echo/history0' });
    expect([entries.map(({ revision }) => revision), stored.entries.length]).to.deep.equal([[6, 5], 2]);
    await core.stop();
  });

  it('keeps a long value in the history only where it lost, or was replaced by who did not know it [STATE-21]', async () => {
    const core = await startCore({ limits: { state: { historyValueBytes: 10 } } });
    const echo = await echoOf(core);
    await echo.put('text', 'first, and long');
    await echo.put('text', 'second, also long', { base: 0 });
    await echo.put('text', 'third, also long');
    const { entries } = await echo.history();
    expect(entries.map(({ revision, outcome, operation }) => [revision, outcome, operation])).to.deep.equal([
      [3, 'written', { bytes: 18 }],
      [2, 'written', { bytes: 19 }],
      [1, 'replaced', { value: 'first, and long' }],
    ]);
    await core.stop();
  });

  it('forgets the oldest deletions past the bound, and still takes nothing that is older [STATE-04]', async () => {
    const core = await startCore({ limits: { state: { tombstones: 10 } } });
    const echo = await echoOf(core);
    for (let i = 0; i < 12; i++) {
      await echo.put(`f${String(i)}`, i);
      await echo.operate(`f${String(i)}`, { delete: true });
    }
    const stored = await core.store.range({ from: 'state/agent/echo/fields/', to: 'state/agent/echo/fields0' });
    await core.stop();
    const again = await startCore({ store: core.store, time: core.time });
    const after = await echoOf(again);
    const blind = await failure(() => after.put('f0', 1, { revision: 1 }));
    const anew = await after.put('f0', 'anew', { revision: 0 });
    expect([stored.entries.length < 12, blind.name, anew.outcome]).to.deep.equal([true, 'conflict', 'written']);
    await again.stop();
  });
});
