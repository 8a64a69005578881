import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import { settled } from '../support/manual-time.js';
import { error, holdCommit, withInboxes, type Got } from './inbox-world.js';

describe('inbox.pull', () => {
  it('hands messages to an agent that only calls, to be settled by its calls [MSG-22]', async () => {
    const { come, of, send, receipt, handlers, stop } = await withInboxes({});
    await come('a', {}, 0);
    const ids = [];
    for (let i = 0; i < 3; i++) ids.push((await send('a', i)).messageId);
    const pulled = await handlers.inboxPull({ agentId: 'a', limit: 2 }, callBy(of('a')));
    const messages = pulled.messages as unknown as Got[];
    const { id: messageId, deliveryId } = messages[0]?.message ?? expect.fail();
    await handlers.messageAck({ messageId, deliveryId }, callBy(of('a'), 'message.ack'));
    expect([messages.map(({ payload }) => payload), (await receipt(ids[0] ?? '')).outcome]).to.deep.equal([
      [0, 1],
      'handled',
    ]);
    const rest = await handlers.inboxPull({ agentId: 'a' }, callBy(of('a')));
    const none = await handlers.inboxPull({ agentId: 'a' }, callBy(of('a')));
    expect([rest.messages.map(({ payload }) => payload), none.messages]).to.deep.equal([[2], []]);
    await stop();
  });

  it('waits for a message as long as it is told to, and not longer [MSG-22]', async () => {
    const { come, of, time, send, handlers, stop } = await withInboxes({});
    await come('a', {}, 0);
    const waiting = handlers.inboxPull({ agentId: 'a', waitMs: 5_000 }, callBy(of('a')));
    await settled();
    await send('a', 'late');
    expect((await waiting).messages.map(({ payload }) => payload)).to.deep.equal(['late']);
    const inVain = handlers.inboxPull({ agentId: 'a', waitMs: 5_000 }, callBy(of('a')));
    await settled();
    await time.advance(5_001);
    expect((await inVain).messages).to.deep.equal([]);
    const call = callBy(of('a'));
    const canceled = handlers.inboxPull({ agentId: 'a', waitMs: 5_000 }, call);
    await settled();
    call.cancel('enough');
    expect((await canceled).messages).to.deep.equal([]);
    await stop();
  });

  it('is bounded in calls that wait, and gives back what its connection had [MSG-22]', async () => {
    const { come, of, send, handlers, time, stop } = await withInboxes({}, { limits: { pullWaiters: 1 } });
    await come('a', {}, 0);
    const first = handlers.inboxPull({ agentId: 'a', waitMs: 1_000 }, callBy(of('a')));
    await settled();
    const refused = await failure(() => handlers.inboxPull({ agentId: 'a', waitMs: 1_000 }, callBy(of('a'))));
    expect(refused.name).to.equal('too_many_pending');
    await send('a');
    const [had] = (await first).messages as unknown as Got[];
    of('a').close();
    await settled();
    await come('a', {}, 0);
    const again = (await handlers.inboxPull({ agentId: 'a' }, callBy(of('a')))).messages as unknown as Got[];
    expect([had?.message.attempt, again[0]?.message.attempt]).to.deep.equal([1, 2]);
    await time.advance(1_000);
    await stop();
  });

  it('waits while the agent is suspended, and gets what there is when it is not any more [MSG-17]', async () => {
    const { come, of, send, connect, handlers, stop } = await withInboxes({});
    await come('a', {}, 0);
    const operator = connect('op', 'operator');
    await handlers.agentSuspend({ agentId: 'a' }, callBy(operator));
    await send('a', 1);
    let waits = true;
    const pulling = handlers
      .inboxPull({ agentId: 'a', waitMs: 10_000 }, callBy(of('a')))
      .finally(() => (waits = false));
    await settled();
    const waited = waits;
    await handlers.agentResume({ agentId: 'a' }, callBy(operator));
    expect([waited, (await pulling).messages.map(({ payload }) => payload)]).to.deep.equal([true, [1]]);
    await stop();
  });

  it('that is canceled when it has claimed something gives that back, for the next one at once [MSG-39]', async () => {
    const { come, of, send, store, handlers, stop } = await withInboxes({});
    await come('a', {}, 0);
    await send('a', 1, { maxAttempts: 1 });
    const release = holdCommit(store);
    const call = callBy(of('a'));
    const canceled = handlers.inboxPull({ agentId: 'a' }, call);
    await settled();
    call.cancel('nobody waits any more');
    await release();
    const next = await handlers.inboxPull({ agentId: 'a' }, callBy(of('a')));
    expect([(await canceled).messages, next.messages.map(({ payload }) => payload)]).to.deep.equal([[], [1]]);
    await stop();
  });

  it('gets what an agent was lost with one by one, the next once it is settled or its time alone is over [MSG-27]', async () => {
    const { come, of, send, handlers, time, stop } = await withInboxes({});
    await come('a', {}, 0);
    for (const payload of [1, 2, 3]) await send('a', payload);
    const pull = async (waitMs = 0): Promise<Got[]> =>
      (await handlers.inboxPull({ agentId: 'a', limit: 3, waitMs }, callBy(of('a')))).messages;
    const payloads = (got: readonly Got[]): unknown[] => got.map(({ payload }) => payload);
    const had = payloads(await pull());
    of('a').close();
    await settled();
    await come('a', {}, 0);
    const first = await pull();
    const none = payloads(await pull());
    const waiting = pull(10_000);
    await settled();
    const { id: messageId, deliveryId } = first[0]?.message ?? expect.fail();
    await handlers.messageAck({ messageId, deliveryId }, callBy(of('a'), 'message.ack'));
    const second = payloads(await waiting);
    const third = pull(10_000);
    await time.advance(5_100);
    expect([had, payloads(first), none, second, payloads(await third)]).to.deep.equal([[1, 2, 3], [1], [], [2], [3]]);
    await stop();
  });
});

describe('inbox.list', () => {
  it('shows by page what waits and what is worked on, to the owner of the agent and the administrator [MSG-23]', async () => {
    const { of, send, answer, connect, handlers, stop } = await withInboxes();
    await handlers.inboxOpen({ agentId: 'a', window: 2 }, callBy(of('a')));
    for (let i = 0; i < 5; i++) await send('a', i, { priority: i === 4 ? 9 : 4 });
    await settled();
    await answer('a', error({ retryAfterMs: 60_000 }), 0);
    const operator = connect('op', 'operator');
    const first = await handlers.inboxList({ agentId: 'a', limit: 3 }, callBy(operator));
    const rest = await handlers.inboxList({ agentId: 'a', cursor: first.cursor ?? '' }, callBy(of('a')));
    const shown = [...first.entries, ...rest.entries].map(({ priority, attempts, state }) => [
      priority,
      attempts,
      state,
    ]);
    expect(shown).to.deep.equal([
      [9, 1, 'inFlight'],
      [4, 1, 'delayed'],
      [4, 1, 'inFlight'],
      [4, 0, 'queued'],
      [4, 0, 'queued'],
    ]);
    const { messages, inFlight } = await handlers.inboxGet({ agentId: 'a' }, callBy(of('a')));
    const other = await failure(() => handlers.inboxList({ agentId: 'a' }, callBy(connect('other'))));
    expect([messages, inFlight, other.name]).to.deep.equal([5, 2, 'permission_denied']);
    await stop();
  });

  it('of an agent that is not there and has no messages is not there, for administrators too [MSG-23]', async () => {
    const { connect, handlers, stop } = await withInboxes();
    const operator = connect('op', 'operator');
    const { messages } = await handlers.inboxGet({ agentId: 'a' }, callBy(operator));
    const looks = [
      () => handlers.inboxGet({ agentId: 'nobody' }, callBy(operator)),
      () => handlers.inboxList({ agentId: 'nobody' }, callBy(operator)),
    ];
    const names = [];
    for (const look of looks) names.push((await failure(look)).name);
    expect([messages, names]).to.deep.equal([0, ['agent_not_found', 'agent_not_found']]);
    await stop();
  });
});

describe('message.watch', () => {
  it('tells a sender what became of its messages, each once, in order, from any cursor [MSG-24]', async () => {
    const { sender, connect, send, answer, handlers, stop } = await withInboxes();
    const early = await handlers.messageWatch({}, callBy(sender));
    const ids: string[] = [];
    const settle = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) {
        ids.push((await send('a', i)).messageId);
        await settled();
        await answer('a', i % 2 === 0 ? { result: null } : error({ retryable: false }));
      }
    };
    await settle(3);
    const other = connect('somebody-else');
    await handlers.messageWatch({}, callBy(other));
    const seen = () =>
      sender.notifications.map(
        ({ params }) => params as { entries: { messageId: string; outcome: string }[]; cursor: string },
      );
    const middle = seen()[1]?.cursor ?? expect.fail();
    await settle(2);
    const resumed = connect('sender');
    await handlers.messageWatch({ after: middle }, callBy(resumed));
    await settled();
    const outcomes = (session: typeof sender) =>
      session.notifications
        .flatMap(({ params }) => (params as { entries: { messageId: string; outcome: string }[] }).entries)
        .map(({ messageId, outcome }) => [messageId, outcome]);
    const all = ids.map((id, i) => [id, ['handled', 'failed', 'handled', 'handled', 'failed'][i]]);
    expect(early.cursor).to.be.a('string');
    expect([outcomes(sender), outcomes(resumed), outcomes(other)]).to.deep.equal([all, all.slice(2), []]);
    await stop();
  });

  it('refuses a cursor from before the receipts that are kept, and sweeps those [MSG-24]', async () => {
    const limits = { receiptKeepMs: 100_000, receiptSweepMs: 10_000 };
    const { sender, store, time, send, answer, receipt, handlers, stop } = await withInboxes({ a: {} }, { limits });
    const { cursor } = await handlers.messageWatch({}, callBy(sender));
    const { messageId } = await send('a');
    const pending = await send('a');
    await settled();
    await answer('a', { result: null }, 0);
    await time.advance(90_000);
    const kept = (await receipt(messageId)).state;
    for (let i = 0; i < 3; i++) await time.advance(10_000);
    const gone = await failure(() => receipt(messageId));
    const expired = await failure(() => handlers.messageWatch({ after: cursor }, callBy(sender)));
    expect([kept, gone.name, expired.name, (await receipt(pending.messageId)).state]).to.deep.equal([
      'settled',
      'not_found',
      'cursor_expired',
      'pending',
    ]);
    const { entries } = await store.range({ from: 'receipt-log/', to: 'receipt-log0' });
    expect(entries).to.deep.equal([]);
    await stop();
  });
});

describe('dead letters', () => {
  it('are listed, shown with their payload, sent once more under a new id, or given up [MSG-25]', async () => {
    const { connect, send, got, answer, receipt, handlers, store, stop } = await withInboxes(
      { a: {} },
      { limits: { attempts: 1 } },
    );
    const ids = [];
    for (const payload of ['x', 'y']) {
      ids.push((await send('a', payload)).messageId);
      await settled();
      await answer('a', error());
    }
    const operator = connect('op', 'operator');
    const call = (method: string) => callBy(operator, method);
    const [first = '', second = ''] = ids;
    const page = await handlers.deadLetterList({ limit: 1 }, call('deadLetter.list'));
    const next = await handlers.deadLetterList({ cursor: page.cursor ?? '', agentId: 'a' }, call('deadLetter.list'));
    expect([...page.entries, ...next.entries].map(({ id, attempts, sender }) => [id, attempts, sender])).to.deep.equal([
      [first, 1, 'sender'],
      [second, 1, 'sender'],
    ]);
    const shown = await handlers.deadLetterShow({ id: first }, call('deadLetter.show'));
    expect([shown.payload, shown.letter.kind, shown.letter.agent]).to.deep.equal(['x', 'message', 'a']);
    const again = await handlers.deadLetterRedeliver({ id: first }, call('deadLetter.redeliver'));
    await settled();
    const { message, payload } = got('a').at(-1) ?? expect.fail();
    await answer('a', { result: null });
    expect([payload, message.id, message.attempt, message.causationId, message.from]).to.deep.equal([
      'x',
      again.id,
      1,
      first,
      'sender',
    ]);
    await handlers.deadLetterDiscard({ id: second }, call('deadLetter.discard'));
    const left = await handlers.deadLetterList({}, call('deadLetter.list'));
    const outcomes = [
      (await receipt(first)).outcome,
      (await receipt(again.id)).outcome,
      (await receipt(second)).outcome,
    ];
    expect([left.entries, outcomes]).to.deep.equal([[], ['deadLettered', 'handled', 'deadLettered']]);
    const gone = await failure(() => handlers.deadLetterRedeliver({ id: first }, call('deadLetter.redeliver')));
    expect(gone.name).to.equal('not_found');
    expect(store.journal().filter((line) => /redelivered|discarded/.test(line))).to.deep.equal([
      `message.redelivered message/${first} op success`,
      `message.discarded message/${second} op success`,
    ]);
    await stop();
  });

  it('stay within their bound when many come to be at once, each given up once, in the name of its own agent [MSG-25]', async () => {
    const limits = { attempts: 1, deadLetters: 2 };
    const world = await withInboxes({ a: {}, b: {} }, { limits });
    const { connect, send, answer, handles, handlers, store, settled, stop } = world;
    const ids: string[] = [];
    for (const agentId of ['a', 'a', 'b', 'b', 'b']) ids.push((await send(agentId)).messageId);
    await settled();
    for (const call of handles('a')) call.answer(error());
    await settled();
    for (const call of handles('b')) call.answer(error());
    await settled();
    ids.push((await send('b')).messageId);
    await settled();
    await answer('b', error());
    const left = await handlers.deadLetterList({}, callBy(connect('op', 'operator')));
    const given = store
      .entries('journal/')
      .map(({ value }) => value as unknown as { action: string; details: { messageId: string; agent: string } })
      .filter(({ action }) => action === 'message.discarded')
      .map(({ details }) => [ids.indexOf(details.messageId), details.agent]);
    expect([left.entries.length, given]).to.deep.equal([
      2,
      [
        [0, 'a'],
        [1, 'a'],
        [2, 'b'],
        [3, 'b'],
      ],
    ]);
    await stop();
  });

  it('are not given up for one more while they are sent once more [MSG-25]', async () => {
    const limits = { attempts: 1, deadLetters: 1 };
    const { connect, send, handles, handlers, store, settled, stop } = await withInboxes({ a: {} }, { limits });
    const ids = [(await send('a', 1)).messageId, (await send('a', 2)).messageId];
    await settled();
    handles('a')[0]?.answer(error());
    await settled();
    const again = handlers.deadLetterRedeliver({ id: ids[0] ?? '' }, callBy(connect('op', 'operator')));
    handles('a')[1]?.answer(error());
    await again;
    await settled();
    expect(store.journal().filter((line) => /redelivered|discarded/.test(line))).to.deep.equal([
      `message.redelivered message/${ids[0] ?? ''} op success`,
    ]);
    await stop();
  });

  it('are bounded: the oldest is given up for one more [MSG-25]', async () => {
    const limits = { attempts: 1, deadLetters: 2 };
    const { connect, send, answer, handlers, store, stop } = await withInboxes({ a: {} }, { limits });
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      ids.push((await send('a', i)).messageId);
      await settled();
      await answer('a', error());
    }
    const left = await handlers.deadLetterList({}, callBy(connect('op', 'operator')));
    expect(left.entries.map(({ id }) => id)).to.deep.equal(ids.slice(1));
    expect(store.journal()).to.include(`message.discarded message/${ids[0] ?? ''} daemon success`);
    await stop();
  });

  it('keep their order though one could not be redelivered: the oldest is given up still [MSG-25]', async () => {
    const limits = { attempts: 1, deadLetters: 2 };
    const { of, connect, come, send, answer, handlers, stop } = await withInboxes({ a: {} }, { limits });
    const operator = callBy(connect('op', 'operator'));
    const ids: string[] = [];
    const die = async () => {
      ids.push((await send('a', 'hi')).messageId);
      await settled();
      await answer('a', error());
    };
    await die();
    await die();
    await handlers.agentDeregister({ agentId: 'a' }, callBy(of('a')));
    const refused = await failure(() => handlers.deadLetterRedeliver({ id: ids[1] ?? '' }, operator));
    await come('a');
    await die();
    const left = await handlers.deadLetterList({}, operator);
    expect([refused.name, left.entries.map(({ id }) => id)]).to.deep.equal(['agent_not_found', ids.slice(1)]);
    await stop();
  });
});

describe('message.explain', () => {
  it('says who would get a message, of whom, and by which rule, and takes nobody is turn [MSG-26]', async () => {
    const { sender, of, send, handlers, stop } = await withInboxes({
      busy: {},
      free: { labels: { zone: 'north' } },
      away: {},
      old: { version: '0.9.0' },
    });
    await send('busy');
    of('away').close();
    await settled();
    const explain = (to: { skill: string; version?: string; labels?: Record<string, string> }, contextId?: string) =>
      handlers.messageExplain({ to, ...(contextId === undefined ? {} : { contextId }) }, callBy(sender));
    const { chosen, rule, candidates } = await explain({ skill: 'work', version: '^1.0.0' });
    expect({ chosen, rule, candidates }).to.deep.equal({
      chosen: 'free',
      rule: 'leastLoaded',
      candidates: [
        { agent: 'away', eligible: true, reasons: ['it is not connected: what it is sent waits'], load: 0 },
        { agent: 'busy', eligible: true, reasons: [], load: 1 },
        { agent: 'free', eligible: true, reasons: [], load: 0 },
        { agent: 'old', eligible: false, reasons: ['no version of the skill is in ^1.0.0'], load: 0 },
      ],
    });
    const labelled = await explain({ skill: 'work', labels: { zone: 'south' } });
    expect([labelled.chosen, labelled.candidates.map(({ eligible }) => eligible)]).to.deep.equal([
      undefined,
      [false, false, false, false],
    ]);
    await stop();
  });

  it('keeps a conversation with the agent that had it, as long as it is there [MSG-26]', async () => {
    const { sender, of, handlers, stop } = await withInboxes({ a: {}, b: {} });
    await handlers.contextCreate({ contextId: 'talk' }, callBy(sender, 'context.create'));
    const to = { skill: 'work' };
    const sent = async () => {
      const { agent } = await handlers.messageSend({ to, contextId: 'talk' }, callBy(sender, 'message.send', 1));
      return agent;
    };
    const agents = [await sent(), await sent(), await sent()];
    const [first = ''] = agents;
    expect(new Set(agents).size).to.equal(1);
    expect((await handlers.messageExplain({ to, contextId: 'talk' }, callBy(sender))).rule).to.equal('sticky');
    of(first).close();
    await settled();
    expect(await sent()).to.not.equal(first);
    await stop();
  });
});
