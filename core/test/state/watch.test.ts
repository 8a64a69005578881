import { expect } from 'chai';
import { conversation } from '../contexts/conversation.js';
import { callBy, failure, startCore } from '../support/core.js';
import { settled } from '../support/manual-time.js';
import type { MemorySession } from '../support/memory-session.js';
import { echoOf } from './echo.js';

interface Batch {
  readonly cursor: string;
  readonly entries: readonly {
    readonly revision: number;
    readonly field?: string;
    readonly outcome: string;
    readonly operation: unknown;
    readonly state?: { readonly value?: unknown };
  }[];
}

function received({ notifications }: MemorySession): Batch[] {
  return notifications.filter(({ method }) => method === 'subscription.events').map(({ params }) => params as Batch);
}

function revisions(...sessions: MemorySession[]): number[] {
  return sessions.flatMap(received).flatMap(({ entries }) => entries.map(({ revision }) => revision));
}

const agentId = 'echo';

describe('state.watch', () => {
  it('sends every write once and in order, also to who comes back with its cursor, and after a restart [STATE-34]', async () => {
    const core = await startCore();
    const echo = await echoOf(core);
    await echo.put('n', 0);
    const watcher = core.connect('key:watcher');
    await core.handlers.stateWatch({ agentId }, callBy(watcher));
    await Promise.all(Array.from({ length: 100 }, (_, n) => echo.put('n', n)));
    await settled();
    watcher.close();
    await echo.define({ fields: { n: { rule: 'keep-both' } } });
    await echo.put('n', 'away');
    await core.stop();
    const again = await startCore({ store: core.store, time: core.time });
    const after = received(watcher).at(-1)?.cursor ?? '';
    const second = again.connect('key:watcher');
    const anew = await echoOf(again);
    await anew.put('n', 'back');
    await again.handlers.stateWatch({ agentId, after }, callBy(second));
    await settled();
    second.close();
    const shown = received(second).flatMap(({ entries }) =>
      entries.map(({ field, outcome, operation, state }) => [field, outcome, operation, state?.value]),
    );
    expect({ revisions: revisions(watcher, second), shown }).to.deep.equal({
      revisions: Array.from({ length: 103 }, (_, i) => i + 2),
      shown: [
        [undefined, 'defined', { define: ['n'] }, undefined],
        ['n', 'written', { value: 'away' }, undefined],
        ['n', 'written', { value: 'back' }, 'back'],
      ],
    });
    await again.stop();
  });

  it('says so when writes that come next are no longer kept, and to who comes with a cursor of the future [STATE-35]', async () => {
    const core = await startCore({ limits: { state: { historyEntries: 4 } } });
    const echo = await echoOf(core);
    const watcher = core.connect('key:watcher');
    const { cursor } = await core.handlers.stateWatch({ agentId }, callBy(watcher));
    watcher.close();
    // What the second and third replace is kept as well, in the places of other writes.
    for (let n = 1; n <= 3; n++) await echo.put('text', n, { base: 0 });
    const kept = core.connect('key:watcher');
    const late = await failure(() => core.handlers.stateWatch({ agentId, after: cursor }, callBy(kept)));
    const first = Buffer.from('watch:agent/echo:1').toString('base64url');
    await core.handlers.stateWatch({ agentId, after: first }, callBy(kept));
    await settled();
    const future = Buffer.from('watch:agent/echo:99').toString('base64url');
    const early = await failure(() => core.handlers.stateWatch({ agentId, after: future }, callBy(kept)));
    const other = Buffer.from('watch:agent/other:1').toString('base64url');
    const wrong = await failure(() => core.handlers.stateWatch({ agentId, after: other }, callBy(kept)));
    kept.close();
    expect({ errors: [late.name, early.name, wrong.name], kept: revisions(kept) }).to.deep.equal({
      errors: ['cursor_expired', 'cursor_expired', 'invalid_params'],
      kept: [2, 3],
    });
    await core.stop();
  });

  it('sends no more bytes at once than its bound, about [STATE-34]', async () => {
    const core = await startCore({ limits: { state: { watchBytes: 1_000 } } });
    const echo = await echoOf(core);
    const watcher = core.connect('key:watcher');
    await core.handlers.stateWatch({ agentId }, callBy(watcher));
    await Promise.all(Array.from({ length: 12 }, (_, n) => echo.put(`f${String(n)}`, 'x'.repeat(400))));
    for (let i = 0; i < 4; i++) await settled();
    watcher.close();
    expect([revisions(watcher), Math.max(...received(watcher).map(({ entries }) => entries.length))]).to.deep.equal([
      Array.from({ length: 12 }, (_, i) => i + 1),
      2,
    ]);
    await core.stop();
  });

  it('ends for who may not read any more, and when the document is erased [STATE-36]', async () => {
    const talk = await conversation();
    const { handlers, session, stop } = talk;
    const bob = session('bob');
    const ends: unknown[] = [];
    for (const name of ['bob', 'cid']) {
      const watcher = session(name);
      const subscribe = watcher.subscribe.bind(watcher);
      watcher.subscribe = (source) =>
        subscribe((signal) =>
          (async function* () {
            try {
              yield* source(signal);
            } catch (error) {
              ends.push([name, (error as { errorName?: string }).errorName]);
            }
          })(),
        );
      await handlers.stateWatch({ contextId: 'talk' }, callBy(watcher));
    }
    const put = (value: unknown) =>
      handlers.statePut({ contextId: 'talk', field: 'plan' }, callBy(session('ann'), 'state.put', value));
    await put(1);
    await settled();
    await handlers.contextRemove({ contextId: 'talk', participant: { agent: 'bob' } }, callBy(session('lead')));
    await put('not for bob');
    await settled();
    await handlers.contextErase({ contextId: 'talk' }, callBy(session('lead')));
    await settled();
    expect({ bob: revisions(bob), ends }).to.deep.equal({
      bob: [1],
      ends: [
        ['bob', 'permission_denied'],
        ['cid', 'cursor_expired'],
      ],
    });
    await stop();
  });
});
