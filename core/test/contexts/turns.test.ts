import { expect } from 'chai';
import type { Timer } from '../../src/host/time.js';
import { callBy, failure } from '../support/core.js';
import { ManualTime } from '../support/manual-time.js';
import { brief, conversation } from './conversation.js';

const contextId = 'talk';

describe('turns', () => {
  it('go round: who spoke gives the turn to the next, and others wait for theirs [CTX-18]', async () => {
    const { say, read, get, stop } = await conversation({ turns: 'roundRobin' });
    const { turn } = await say('lead', 'begin');
    const early = await failure(() => say('bob', 'me!'));
    await say('ann', 1, { keepTurn: true });
    await say('ann', 2);
    await say('bob', 3);
    await say('cid', 4);
    expect({
      turn,
      early: { name: early.name, turn: early.turn },
      entries: brief(await read('ann')),
      now: (await get()).turn?.holder,
    }).to.deep.equal({
      turn: { holder: { agent: 'ann' }, until: '2026-01-01T00:01:00.000Z' },
      early: { name: 'not_your_turn', turn: { holder: { agent: 'ann' }, until: '2026-01-01T00:01:00.000Z' } },
      entries: ['1 lead "begin" -> ann', '2 ann 1 -> ann', '3 ann 2 -> bob', '4 bob 3 -> cid', '5 cid 4 -> lead'],
      now: { principal: 'lead' },
    });
    await stop();
  });

  it('pass on when their holder crashed or does not speak, with a note for who watches [CTX-19]', async () => {
    const { session, say, read, time, store, stop } = await conversation({ turns: 'roundRobin', turnMs: 5000 });
    await say('lead', 'begin');
    session('ann').close();
    await time.advance(4999);
    const early = await failure(() => say('bob', 'too early'));
    await time.advance(1);
    await say('bob', 'at last');
    expect({
      early: early.name,
      entries: brief(await read('bob')),
      journal: store.journal().filter((line) => line.startsWith('context.turn')),
    }).to.deep.equal({
      early: 'not_your_turn',
      entries: ['1 lead "begin" -> ann', '2 daemon turn timeout -> bob', '3 bob "at last" -> cid'],
      journal: ['context.turnPassed context/talk daemon success'],
    });
    await stop();
  });

  it('pass on although a timer fires a moment early [CTX-19]', async () => {
    class EarlyTime extends ManualTime {
      override after(ms: number, run: () => void): Timer {
        return super.after(ms - 1, run);
      }
    }
    const time = new EarlyTime();
    const { say, get, stop } = await conversation({ turns: 'roundRobin', turnMs: 1000 }, { time });
    await say('lead', 'begin');
    await time.advance(999);
    expect((await get()).turn?.holder).to.deep.equal({ agent: 'bob' });
    await stop();
  });

  it('belong to nobody after a round without a word, and begin with whoever speaks next [CTX-20]', async () => {
    const { say, read, get, time, stop } = await conversation({ turns: 'roundRobin', turnMs: 1000 });
    await say('lead', 'begin');
    for (let n = 0; n < 20; n++) await time.advance(1000);
    const { turn } = await get();
    await say('cid', 'hello?');
    expect({ turn, entries: brief(await read('bob')) }).to.deep.equal({
      turn: {},
      entries: [
        '1 lead "begin" -> ann',
        '2 daemon turn timeout -> bob',
        '3 daemon turn timeout -> cid',
        '4 daemon turn timeout -> lead',
        '5 daemon turn timeout',
        '6 cid "hello?" -> lead',
      ],
    });
    await stop();
  });

  it('go to the next when their holder leaves, is removed or passes [CTX-21]', async () => {
    const { handlers, session, say, get, read, stop } = await conversation({ turns: 'roundRobin' });
    const holder = async () => (await get()).turn?.holder;
    await say('lead', 'begin');
    const passed = await handlers.contextPass({ contextId }, callBy(session('ann')));
    await handlers.contextLeave({ contextId }, callBy(session('bob')));
    const afterLeaving = await holder();
    await handlers.contextRemove({ contextId, participant: { agent: 'cid' } }, callBy(session('lead')));
    const notMine = await failure(() => handlers.contextPass({ contextId }, callBy(session('ann'))));
    const afterRemoval = await holder();
    await handlers.contextInvite({ contextId, participants: [{ agent: 'bob' }] }, callBy(session('lead')));
    await say('lead', 'again');
    const observer = { principal: 'ann', agent: 'ann', role: 'observer' } as const;
    await handlers.contextInvite({ contextId, participants: [observer] }, callBy(session('lead')));
    const told = brief(await read('lead')).map((text) => text.replace(/^\d+ /, ''));
    expect({ passed: passed.holder, afterLeaving, afterRemoval, notMine: notMine.name }).to.deep.equal({
      passed: { agent: 'bob' },
      afterLeaving: { agent: 'cid' },
      afterRemoval: { principal: 'lead' },
      notMine: 'not_your_turn',
    });
    expect(told).to.deep.equal([
      'lead "begin" -> ann',
      'ann turn passed -> bob',
      'bob participant left',
      'bob turn -> cid',
      'lead participant removed',
      'lead turn -> lead',
      'lead participant joined',
      'lead "again" -> ann',
      'lead participant joined',
      'lead turn -> bob',
    ]);
    await stop();
  });

  it('are given by the moderator where it leads, for one word or a time [CTX-22]', async () => {
    const { handlers, session, say, read, time, stop } = await conversation({ turns: 'moderator', turnMs: 1000 });
    const give = (agent: string, by = 'lead') =>
      handlers.contextPass({ contextId, to: { agent } }, callBy(session(by)));
    const refusals = [await failure(() => say('ann', 'me!')), await failure(() => give('ann', 'ann'))];
    await say('lead', 'Ann?');
    await give('ann');
    refusals.push(await failure(() => say('bob', 'me!')));
    await say('ann', 'yes');
    refusals.push(await failure(() => say('ann', 'and')));
    await give('bob');
    await time.advance(1000);
    refusals.push(await failure(() => say('bob', 'late')));
    expect({ refusals: refusals.map(({ name }) => name), entries: brief(await read('cid')) }).to.deep.equal({
      refusals: Array(5).fill('not_your_turn'),
      entries: [
        '1 lead "Ann?"',
        '2 lead turn passed -> ann',
        '3 ann "yes"',
        '4 lead turn passed -> bob',
        '5 daemon turn timeout',
      ],
    });
    await stop();
  });

  it('pass on after a restart too, when the context is used again [CTX-23]', async () => {
    const first = await conversation({ turns: 'roundRobin', turnMs: 1000 });
    await first.say('lead', 'begin');
    await first.stop();
    await first.time.advance(10_000);
    const { startCore } = await import('../support/core.js');
    const { handlers, connect, stop } = await startCore({ store: first.store, time: first.time });
    const lead = connect('lead', 'operator');
    const said = await handlers.contextAppend({ contextId }, callBy(lead, 'context.append', 'again'));
    expect(said.turn?.holder).to.deep.equal({ agent: 'ann' });
    await stop();
  });
});
