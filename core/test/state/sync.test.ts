import { HybridClock } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { callBy, failure, startCore } from '../support/core.js';
import { echoOf, stateJournal } from './echo.js';
import type { Core } from './echo.js';

type Params = Parameters<Core['handlers']['stateSync']>[0];
type Change = Omit<Params['changes'][number], 'time' | 'base'>;

const agentId = 'echo';

/** A replica of the document of `echo`, with a name of one digit and a clock. */
async function replicaOf(core: Core, digit: string, aheadMs = 0) {
  const replica = digit.repeat(16);
  const clock = new HybridClock(replica, () => core.time.now() + aheadMs, Infinity);
  const session = core.connect('key:echo');
  return {
    change: (base: number, change: Change) => ({ ...change, base, time: clock.next() }),
    sync: (since: number, changes: Params['changes'] = []) =>
      core.handlers.stateSync({ agentId, replica, since, changes }, callBy(session, 'state.sync')),
  };
}

const outcomes = ({ changes }: { changes: readonly { outcome: string; error?: string }[] }): string[] =>
  changes.map(({ outcome, error }) => (error === undefined ? outcome : `${outcome} ${error}`));

const values = ({ fields }: { fields: Readonly<Record<string, { value?: unknown }>> }): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));

describe('state.sync', () => {
  it('answers in one round trip what was merged, what conflicts and what is new, in one commit [STATE-37]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({
      fields: { plan: { rule: 'keep-both' }, n: { rule: 'merge', merge: 'counter' }, sure: { rule: 'refuse' } },
    });
    await echo.put('sure', 'a');
    await echo.put('gone', 1);
    const { revision } = await echo.get();
    await echo.operate('n', { add: 5 });
    await echo.put('plan', 'north', { base: revision });
    await echo.put('sure', 'b', { base: revision });
    await echo.put('mood', 'calm');
    await echo.operate('gone', { delete: true });
    await core.time.advance(1000);
    const { change, sync } = await replicaOf(core, 'a');
    const before = core.store.commits;
    const answer = await sync(revision, [
      change(revision, { field: 'n', add: 1 }),
      change(revision, { field: 'n', add: 1 }),
      change(revision, { field: 'plan', value: 'south' }),
      change(revision, { field: 'sure', value: 'c' }),
      change(revision, { field: 'own', value: null }),
    ]);
    expect({
      outcomes: outcomes(answer),
      values: values(answer),
      conflict: answer.fields.plan?.conflict?.alternatives.map(({ value }) => value),
      gone: answer.fields.gone?.deleted,
      complete: answer.complete,
      rules: answer.rules,
      commits: core.store.commits - before,
      journal: stateJournal(core).slice(-2),
    }).to.deep.equal({
      outcomes: ['merged', 'merged', 'conflict', 'refused conflict', 'written'],
      values: { n: 7, plan: 'south', sure: 'b', mood: 'calm', own: null, gone: undefined },
      conflict: ['north'],
      gone: true,
      complete: undefined,
      rules: { plan: { rule: 'keep-both' }, n: { rule: 'merge', merge: 'counter' }, sure: { rule: 'refuse' } },
      commits: 1,
      journal: [
        'state.synchronized state/agent/echo key:echo success',
        'state.conflicted state/agent/echo key:echo success',
      ],
    });
    await core.stop();
  });

  it('counts each change once however often it comes, also after a restart, and answers the same [STATE-38]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({ fields: { n: { rule: 'merge', merge: 'counter' } } });
    const { change, sync } = await replicaOf(core, 'a');
    const changes = [change(1, { field: 'n', add: 1 }), change(1, { field: 'm', insert: [1] })];
    const first = await sync(1, changes);
    const again = await sync(1, changes);
    await core.stop();
    const restarted = await startCore({ store: core.store, time: core.time });
    await echoOf(restarted);
    const later = await replicaOf(restarted, 'a');
    await restarted.time.advance(10);
    const more = later.change(1, { field: 'n', add: 1 });
    const third = await later.sync(1, [...changes, more]);
    const fourth = await later.sync(1, [more]);
    await later.sync(1, [later.change(1, { field: 'other', value: 1 })]);
    const old = await later.sync(1, changes);
    expect({
      first: outcomes(first),
      again: outcomes(again),
      third: outcomes(third),
      fourth: outcomes(fourth),
      old: outcomes(old),
      n: values(fourth).n,
    }).to.deep.equal({
      first: ['written', 'refused invalid_params'],
      again: ['written', 'refused invalid_params'],
      third: ['written', 'refused invalid_params', 'written'],
      fourth: ['written'],
      old: ['known', 'known'],
      n: 2,
    });
    await restarted.stop();
  });

  it('lets a replica put another value over its own sum, and over none that others added to [STATE-37]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({ fields: { n: { rule: 'merge', merge: 'counter' } } });
    const { change, sync } = await replicaOf(core, 'a');
    const alone = await sync(1, [
      change(1, { field: 'n', value: 5 }),
      change(1, { field: 'n', add: 2 }),
      change(1, { field: 'n', value: 6 }),
      change(1, { field: 'n', delete: true }),
      change(1, { field: 'n', value: 7 }),
    ]);
    await core.stop();
    const restarted = await startCore({ store: core.store, time: core.time });
    const later = await replicaOf(restarted, 'a');
    await restarted.time.advance(10);
    const over = await later.sync(1, [later.change(1, { field: 'n', value: 8 })]);
    const other = await replicaOf(restarted, 'b');
    await other.sync(0, [other.change(0, { field: 'n', add: 1 })]);
    const beside = await later.sync(1, [
      later.change(1, { field: 'n', value: 9 }),
      later.change(1, { field: 'n', add: 1 }),
      later.change(1, { field: 'n', value: 9 }),
    ]);
    expect([outcomes(alone), outcomes(over), outcomes(beside), values(beside).n]).to.deep.equal([
      ['written', 'written', 'written', 'written', 'written'],
      ['written'],
      ['refused conflict', 'merged', 'refused conflict'],
      10,
    ]);
    await restarted.stop();
  });

  it('takes no change of a replica that it has forgotten and that may have counted, and all later ones [STATE-38]', async () => {
    const core = await startCore({ limits: { state: { replicas: 2 } } });
    const echo = await echoOf(core);
    await echo.define({ fields: { n: { rule: 'merge', merge: 'counter' } } });
    const replicas = [];
    for (const digit of ['a', 'b', 'c']) replicas.push(await replicaOf(core, digit));
    const first = [];
    for (const { change, sync } of replicas) {
      const changes = [change(1, { field: 'n', add: 1 })];
      first.push(changes);
      await sync(1, changes);
      await core.time.advance(10);
    }
    const [a] = replicas;
    const repeated = await a?.sync(1, first[0]);
    const later = await a?.sync(1, [a.change(1, { field: 'n', add: 1 })]);
    expect({
      repeated: repeated && outcomes(repeated),
      later: later && outcomes(later),
      n: (await echo.values()).n,
    }).to.deep.equal({ repeated: ['refused cursor_expired'], later: ['merged'], n: 4 });
    await core.stop();
  });

  it('lets no clock that is ahead win for ever, and takes what knew another past for knowing nothing [STATE-39]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    const ahead = await replicaOf(core, 'a', 3_600_000);
    await ahead.sync(0, [ahead.change(0, { field: 'mood', value: 'of tomorrow' })]);
    await core.time.advance(1000);
    const other = await replicaOf(core, 'b');
    await other.sync(0, [other.change(0, { field: 'mood', value: 'of today' })]);
    await echo.define({ fields: { plan: { rule: 'keep-both' } } });
    await echo.put('plan', 'north', { base: 0 });
    await core.time.advance(1000);
    const lost = await other.sync(0, [other.change(99, { field: 'plan', value: 'south' })]);
    expect({ mood: (await echo.values()).mood, lost: outcomes(lost) }).to.deep.equal({
      mood: 'of today',
      lost: ['conflict'],
    });
    await core.stop();
  });

  it('tells a replica that knows too little to be told by changes everything that there is [STATE-37]', async () => {
    const core = await startCore({ limits: { state: { tombstones: 2 } } });
    const echo = await echoOf(core);
    await echo.put('kept', 1);
    for (const name of ['a', 'b', 'c', 'd']) {
      await echo.put(name, 1);
      await echo.operate(name, { delete: true });
    }
    const { sync } = await replicaOf(core, 'a');
    const { revision } = await echo.get();
    const known = await Promise.all([sync(0), sync(2), sync(revision), sync(revision + 1)]);
    expect(known.map(({ complete, fields }) => [complete, Object.keys(fields)])).to.deep.equal([
      [true, ['kept']],
      [true, ['kept']],
      [undefined, []],
      [true, ['kept']],
    ]);
    await core.stop();
  });

  it('is refused whole when it is not made right: too many, not in order, of another replica [STATE-40]', async () => {
    const core = await startCore({ limits: { state: { syncChanges: 2 } } });
    await echoOf(core);
    const { change, sync } = await replicaOf(core, 'a');
    const other = await replicaOf(core, 'b');
    const changes = [1, 2, 3].map((value) => change(0, { field: 'n', value }));
    const [first, second] = changes as [Params['changes'][number], Params['changes'][number]];
    const many = await failure(() => sync(0, changes));
    const order = await failure(() => sync(0, [second, first]));
    const whose = await failure(() => sync(0, [other.change(0, { field: 'n', value: 1 })]));
    const nothing = await failure(() => sync(0, [change(0, { field: 'n' })]));
    const stranger = core.connect('key:stranger');
    const denied = await failure(() =>
      core.handlers.stateSync({ agentId, replica: 'a'.repeat(16), since: 0, changes: [first] }, callBy(stranger)),
    );
    expect([many.limit, order.issues, whose.issues, nothing.issues, denied.name]).to.deep.equal([
      'state.syncChanges',
      [{ path: '/changes/1/time', message: 'must be later than that of the change before' }],
      [{ path: '/changes/0/time', message: 'must be of this replica' }],
      [{ path: '/changes/0', message: 'must have exactly one of value, delete, add, insert, remove, set, unset' }],
      'permission_denied',
    ]);
    await core.stop();
  });

  it('keeps nothing of what was written in the journal and in what is kept of a replica [STATE-39]', async () => {
    const core = await startCore();
    await echoOf(core);
    const { change, sync } = await replicaOf(core, 'a');
    await sync(0, [change(0, { field: 'mood', value: 'secretly calm' })]);
    const kept = await Promise.all(
      ['journal/', 'state/agent/echo/replicas/'].map((from) => core.store.range({ from, to: `${from}~`, limit: 1000 })),
    );
    expect(kept.map(({ entries }) => [entries.length > 0, JSON.stringify(entries).includes('secretly')])).to.deep.equal(
      [
        [true, false],
        [true, false],
      ],
    );
    await core.stop();
  });
});
