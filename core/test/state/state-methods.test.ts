import { expect } from 'chai';
import type { Call } from '../../src/rpc/call.js';
import { callBy, card, failure, startCore } from '../support/core.js';
import type { MemorySession } from '../support/memory-session.js';

type Core = Awaited<ReturnType<typeof startCore>>;

/** An agent with its connection, and calls about its document. */
async function echoOf(core: Core) {
  const session = core.connect('key:echo');
  await core.handlers.agentRegister({ agentId: 'echo', card: card() }, callBy(session, 'agent.register'));
  return documentOf(core, session);
}

function documentOf(core: Core, session: MemorySession) {
  const agentId = 'echo';
  const by = (method: string, value?: unknown): Call => callBy(session, method, value);
  type Put = Omit<Parameters<Core['handlers']['statePut']>[0], 'agentId' | 'field'>;
  return {
    put: (field: string, value: unknown, more: Put = {}) =>
      core.handlers.statePut({ agentId, field, ...more }, by('state.put', value)),
    operate: (field: string, operation: Put) =>
      core.handlers.statePut({ agentId, field, ...operation }, by('state.put')),
    define: (wanted: Omit<Parameters<Core['handlers']['stateDefine']>[0], 'agentId'>) =>
      core.handlers.stateDefine({ agentId, ...wanted }, by('state.define')),
    resolve: (field: string, revision: number, value?: unknown) =>
      core.handlers.stateResolve({ agentId, field, revision }, by('state.resolve', value)),
    get: (fields?: string[]) =>
      core.handlers.stateGet({ agentId, ...(fields === undefined ? {} : { fields }) }, by('state.get')),
    history: (more: { field?: string; limit?: number; cursor?: string } = {}) =>
      core.handlers.stateHistory({ agentId, ...more }, by('state.history')),
    async values(): Promise<Record<string, unknown>> {
      const { fields } = await this.get();
      return Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]));
    },
  };
}

/** The journal's records about documents. */
function stateJournal(core: Core): string[] {
  return core.store.journal().filter((line) => line.startsWith('state.'));
}

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

describe('state.define', () => {
  it('has values checked: a bad one names the path, and is recorded once a second [STATE-22]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({
      fields: { point: { schema: { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] } } },
      schema: { type: 'object', properties: { mood: { enum: ['calm', 'curious'] } }, maxProperties: 2 },
    });
    const own = await failure(() => echo.put('point', { x: 'far' }));
    const shared = await failure(() => echo.put('mood', 'bored'));
    await echo.put('mood', 'calm');
    await echo.put('point', { x: 1 });
    const whole = await failure(() => echo.put('third', 1));
    await core.time.advance(1000);
    expect({ issues: [own, shared, whole].map(({ issues }) => issues), values: await echo.values() }).to.deep.equal({
      issues: [
        [{ path: '/value/x', message: 'must be number' }],
        [{ path: '/value', message: 'must be equal to one of the allowed values' }],
        [{ path: '/value', message: 'makes the document not valid: it must NOT have more than 2 properties' }],
      ],
      values: { mood: 'calm', point: { x: 1 } },
    });
    expect(stateJournal(core).filter((line) => line.startsWith('state.refused'))).to.deep.equal([
      'state.refused state/agent/echo key:echo failure',
    ]);
    await core.stop();
  });

  it('refuses a schema that is none, one that the values do not fit, and a rule that they cannot have [STATE-22]', async () => {
    const core = await startCore({ limits: { state: { definitionBytes: 2_000 } } });
    const echo = await echoOf(core);
    await echo.put('mood', 'calm');
    const none = await failure(() => echo.define({ fields: { mood: { schema: { type: 'strong' } } } }));
    const unfit = await failure(() => echo.define({ fields: { mood: { schema: { maxLength: 2 } } } }));
    const kind = await failure(() => echo.define({ fields: { mood: { rule: 'merge', merge: 'counter' } } }));
    const lone = await failure(() => echo.define({ fields: { mood: { merge: 'map' } } }));
    const large = await failure(() => echo.define({ schema: { description: 'x'.repeat(2_000) } }));
    expect([none.issues, unfit.issues, kind.issues, lone.issues, large.limit]).to.deep.equal([
      [{ path: '/fields/mood/schema/type', message: 'must be equal to one of the allowed values' }],
      [{ path: '/fields/mood', message: 'must NOT have more than 2 characters' }],
      [{ path: '/fields/mood', message: 'a counter takes integers that a number holds exactly' }],
      [{ path: '/fields/mood/merge', message: 'goes with the rule merge only' }],
      'state.definitionBytes',
    ]);
    await core.stop();
  });

  it('replaces what it names, and leaves the rest [STATE-22]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.define({
      schema: { maxProperties: 1 },
      fields: { a: { rule: 'refuse' }, b: { schema: { type: 'number' } } },
    });
    await echo.define({ fields: { b: {} } });
    await echo.put('b', 'text');
    const full = await failure(() => echo.put('a', 1));
    await echo.define({ schema: null });
    await echo.put('a', 1);
    const blind = await failure(() => echo.put('a', 2));
    expect([full.name, blind.name, await echo.values()]).to.deep.equal([
      'invalid_params',
      'conflict',
      { b: 'text', a: 1 },
    ]);
    await core.stop();
  });
});

describe('state.list', () => {
  it('answers the documents that the caller may read, page by page [STATE-23]', async () => {
    const core = await startCore();
    const session = core.connect('key:many');
    for (const agentId of ['a', 'b', 'c', 'd']) {
      await core.handlers.agentRegister({ agentId, card: card() }, callBy(session, 'agent.register'));
      if (agentId === 'b') continue;
      await core.handlers.statePut({ agentId, field: 'n' }, callBy(session, 'state.put', 1));
    }
    const first = await core.handlers.stateList({ limit: 2 }, callBy(session, 'state.list'));
    const second = await core.handlers.stateList(
      { limit: 2, cursor: first.cursor ?? '' },
      callBy(session, 'state.list'),
    );
    expect([first.entries.map(({ agentId }) => agentId), second]).to.deep.equal([
      ['a', 'c'],
      {
        entries: [
          {
            agentId: 'd',
            revision: 1,
            fields: 1,
            conflicts: 0,
            bytes: second.entries[0]?.bytes,
            updatedAt: '2026-01-01T00:00:00.000Z',
          },
        ],
      },
    ]);
    await core.stop();
  });
});
