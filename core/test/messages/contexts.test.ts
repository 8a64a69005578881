import { expect } from 'chai';
import { callBy, card, failure } from '../support/core.js';
import type { MemorySession } from '../support/memory-session.js';
import { error, withInboxes, type Got } from './inbox-world.js';

const contextId = 'talk';
const SECRET = 'a word in confidence';

type World = Awaited<ReturnType<typeof withInboxes>>;

/** Agents `a` and `b` that speak in a context that the sender leads, and `c` that only listens. */
async function begin(options: Parameters<typeof withInboxes>[1] = {}) {
  const world = await withInboxes({ a: {}, b: {}, c: {} }, options);
  const { handlers, sender } = world;
  const participants = [{ agent: 'a' }, { agent: 'b' }, { agent: 'c', role: 'observer' as const }];
  await handlers.contextCreate({ contextId, participants }, callBy(sender, 'context.create'));
  return { ...world, transcript: (by: MemorySession = sender) => transcript(world, by) };
}

async function transcript({ handlers }: World, by: MemorySession) {
  const { entries } = await handlers.contextRead({ contextId }, callBy(by));
  return entries.map(({ entry, at, ...said }) => {
    expect([entry > 0, Date.parse(at) > 0]).to.deep.equal([true, true]);
    return said;
  });
}

describe('a message of a context', () => {
  it('is told in its transcript in the commit that takes it in; who reads it may read the receipt [MSG-30]', async () => {
    const { connect, store, of, send, got, answer, handlers, transcript, settled, stop } = await begin();
    const before = store.revision;
    const { messageId } = await send('a', { question: 1 }, { contextId });
    const commits = store.revision - before;
    await settled();
    await answer('a', { result: null });
    const receipt = await handlers.messageReceipt({ messageId }, callBy(of('b')));
    const stranger = await failure(() => handlers.messageReceipt({ messageId }, callBy(connect('stranger'))));
    expect({
      commits,
      told: await transcript(),
      envelope: got('a')[0]?.message.contextId,
      outcome: receipt.outcome,
      stranger: stranger.name,
    }).to.deep.equal({
      commits: 1,
      told: [
        {
          by: 'sender',
          type: 'messageSent',
          to: ['a'],
          ref: { message: messageId },
          payload: { question: 1 },
        },
      ],
      envelope: contextId,
      outcome: 'handled',
      stranger: 'not_found',
    });
    await stop();
  });

  it('is taken from who speaks in it while it is open, and goes to any agent; a large one is only referred to [MSG-31]', async () => {
    const { connect, come, send, got, handlers, sender, transcript, stop, settled } = await begin({
      contexts: { entryBytes: 100 },
    });
    await come('elsewhere');
    const large = 'x'.repeat(200);
    await send('elsewhere', large, { contextId });
    await settled();
    const observer = connect('owner-of-none');
    await handlers.contextInvite(
      { contextId, participants: [{ principal: 'owner-of-none', role: 'observer' }] },
      callBy(sender),
    );
    const refusals = [
      await failure(() => send('a', 1, { contextId }, connect('stranger'))),
      await failure(() => send('a', 1, { contextId }, observer)),
      await failure(() => send('a', 1, { contextId: 'nowhere' })),
    ];
    await handlers.contextClose({ contextId }, callBy(sender));
    refusals.push(await failure(() => send('a', 1, { contextId })));
    expect({
      got: got('elsewhere').map(({ payload }) => payload),
      refusals: refusals.map(({ name }) => name),
      told: (await transcript()).filter(({ type }) => type === 'messageSent').map(({ to, payload }) => [to, payload]),
    }).to.deep.equal({
      got: [large],
      refusals: ['not_found', 'permission_denied', 'not_found', 'context_closed'],
      told: [[['elsewhere'], undefined]],
    });
    await stop();
  });

  it('is told again when it was not handled: refused, failed, expired or a dead letter, in that commit [MSG-37]', async () => {
    const { come, of, time, store, send, answer, transcript, settled, stop } = await begin({ limits: { attempts: 1 } });
    const before = store.revision;
    const ids: string[] = [];
    const about = { contextId };
    for (const end of [error({ retryable: false }), error({}, -32601), error(), { result: null }]) {
      ids.push((await send('a', 1, about)).messageId);
      await settled();
      await answer('a', end);
    }
    const commits = store.revision - before;
    await come('away');
    of('away').close();
    await settled();
    ids.push((await send('away', 1, { ...about, ttlMs: 1000 })).messageId);
    await time.advance(3000);
    const told = (await transcript()).filter(({ type }) => type === 'messageSettled');
    expect({ commits, told }).to.deep.equal({
      commits: 8,
      told: [
        { reason: 'failed', ref: { message: ids[0] }, by: 'owner', agent: 'a', type: 'messageSettled' },
        { reason: 'refused', ref: { message: ids[1] }, by: 'owner', agent: 'a', type: 'messageSettled' },
        { reason: 'deadLettered', ref: { message: ids[2] }, by: 'owner', agent: 'a', type: 'messageSettled' },
        { reason: 'expired', ref: { message: ids[4] }, by: 'daemon', type: 'messageSettled' },
      ],
    });
    await stop();
  });

  it('passes its context on to what is sent while it is handled, also when that is closed by then [MSG-32]', async () => {
    const { come, of, send, got, handlers, sender, transcript, settled, stop } = await begin();
    await come('outside');
    const { messageId: parentId } = await send('outside', 1, { contextId });
    await settled();
    await send('a', 2, { parentId }, of('outside'));
    await handlers.contextClose({ contextId }, callBy(sender));
    await send('b', 3, { parentId }, of('outside'));
    await settled();
    expect({
      contexts: [...got('a'), ...got('b')].map(({ message, payload }) => [payload, message.contextId]),
      told: (await transcript()).map(({ type, agent, payload }) => [type, agent, payload]),
    }).to.deep.equal({
      contexts: [
        [2, contextId],
        [3, contextId],
      ],
      told: [
        ['messageSent', undefined, 1],
        ['messageSent', 'outside', 2],
        ['closed', undefined, undefined],
      ],
    });
    await stop();
  });

  it('passes its context on to tasks that are submitted because of it, while it is handled [MSG-32]', async () => {
    const { connect, send, handlers, settled, stop } = await begin();
    const outsider = connect('outsider');
    await handlers.agentRegister({ agentId: 'outside', card: card('else') }, callBy(outsider));
    await handlers.inboxOpen({ agentId: 'outside' }, callBy(outsider));
    const { messageId: causationId } = await send('outside', 1, { contextId });
    await settled();
    const submit = () =>
      handlers.taskSubmit({ to: { agent: 'a' }, contextId, causationId }, callBy(outsider, 'task.submit', 'do it'));
    const { taskId } = await submit();
    const { task } = await handlers.taskGet({ taskId }, callBy(outsider));
    outsider.calls.at(-1)?.answer({ result: null });
    await settled();
    expect([task.contextId, (await failure(submit)).name]).to.deep.equal([contextId, 'not_found']);
    await stop();
  });
});

describe('message.send to a context', () => {
  it('gives one message to each agent that speaks in it but the sender, in one commit, once for its key [MSG-33]', async () => {
    const { store, of, got, handlers, sender, transcript, settled, stop } = await begin();
    const params = { to: { context: contextId }, idempotencyKey: 'k' };
    const before = store.revision;
    const sent = await handlers.messageSend(params, callBy(sender, 'message.send', 'all'));
    const commits = store.revision - before;
    const again = await handlers.messageSend(params, callBy(sender, 'message.send', 'all'));
    await handlers.messageSend({ to: { context: contextId } }, callBy(of('a'), 'message.send', 'from a'));
    await settled();
    const { messages = [] } = sent;
    expect({
      commits,
      again,
      first: { messageId: sent.messageId, agent: sent.agent },
      agents: messages.map(({ agent }) => agent),
      got: ['a', 'b', 'c'].map((agent) => got(agent).map(({ payload }) => payload)),
      told: (await transcript()).map(({ agent, to, ref }) => ({ agent, to, messages: ref?.messages })),
    }).to.deep.equal({
      commits: 1,
      again: sent,
      first: messages[0],
      agents: ['a', 'b'],
      got: [['all'], ['all', 'from a'], []],
      told: [
        { agent: undefined, to: ['a', 'b'], messages: messages.map(({ messageId }) => messageId) },
        { agent: 'a', to: ['b'], messages: undefined },
      ],
    });
    await stop();
  });

  it('goes to all or to none: a full inbox, too many bytes, nobody there, or another context refuse it [MSG-34]', async () => {
    const { send, got, handlers, sender, connect, transcript, settled, stop } = await begin({
      limits: { inboxMessages: 2, copiesBytes: 100 },
    });
    const toAll = (payload: unknown, to = contextId, more: object = {}) =>
      failure(() => handlers.messageSend({ to: { context: to }, ...more }, callBy(sender, 'message.send', payload)));
    await handlers.contextCreate({ contextId: 'alone' }, callBy(sender, 'context.create'));
    for (let i = 0; i < 2; i++) await send('b', i);
    const stranger = callBy(connect('stranger'), 'message.send', 1);
    const refusals = [
      await toAll(1),
      await toAll('x'.repeat(60)),
      await toAll(1, 'alone'),
      await toAll(1, contextId, { contextId: 'alone' }),
      await failure(() => handlers.messageSend({ to: { context: contextId } }, stranger)),
    ];
    await settled();
    expect({ refusals: refusals.map(({ name }) => name), got: got('a'), told: await transcript() }).to.deep.equal({
      refusals: ['inbox_full', 'limit_exceeded', 'agent_not_found', 'invalid_params', 'not_found'],
      got: [],
      told: [],
    });
    await stop();
  });
});

describe('erasing the context of messages', () => {
  it('finds no payload of a dead letter whose receipt is over: both went in one commit [MSG-35]', async () => {
    const limits = { attempts: 1, receiptKeepMs: 100_000, receiptSweepMs: 10_000 };
    const { send, answer, handlers, sender, store, time, settled, stop } = await begin({ limits });
    const { messageId } = await send('a', { deadLettered: SECRET }, { contextId });
    await settled();
    await answer('a', error());
    for (let i = 0; i < 12; i++) await time.advance(10_000);
    await settled();
    const letters = await store.range({ from: 'dead-letter', to: 'dead-letters0', limit: 10 });
    await handlers.contextErase({ contextId }, callBy(sender, 'context.erase'));
    const { entries } = await store.range({ from: '!', to: '~', limit: 1000 });
    expect({
      letters: letters.entries.map(({ key }) => key),
      secret: entries.filter(({ value }) => JSON.stringify(value).includes(SECRET)).map(({ key }) => key),
      discarded: store.journal().filter((line) => line.startsWith('message.discarded')),
    }).to.deep.equal({
      letters: [],
      secret: [],
      discarded: [`message.discarded message/${messageId} daemon success`],
    });
    await stop();
  });

  it('cancels what is pending, and leaves of each message that it was and how it ended [MSG-35]', async () => {
    const world = await begin({ limits: { attempts: 1 } });
    const { connect, come, of, handles, send, answer, handlers, sender, store, receipt, settled, stop } = world;
    const about = { contextId, correlationId: SECRET };
    const ids: Record<string, string> = {};
    const sendAs = async (name: string, agentId: string, more: object = {}) => {
      ids[name] = (await send(agentId, { [name]: SECRET }, { ...about, ...more })).messageId;
      await settled();
    };
    await sendAs('handled', 'a');
    await answer('a', { result: SECRET });
    await sendAs('failed', 'a');
    await answer('a', { kind: 'error', code: -32000, message: SECRET, data: { retryable: false, why: SECRET } });
    await sendAs('deadLettered', 'a');
    await answer('a', { kind: 'error', code: -32000, message: SECRET, data: {} });
    await sendAs('redelivered', 'a');
    await answer('a', error());
    const operator = connect('op', 'operator');
    const again = await handlers.deadLetterRedeliver({ id: ids.redelivered ?? '' }, callBy(operator));
    ids.again = again.id;
    await settled();
    await sendAs('inFlight', 'b');
    await come('away');
    of('away').close();
    await settled();
    await sendAs('waiting', 'away');
    await come('puller', {}, 0);
    await sendAs('acked', 'puller');
    const [{ message } = expect.fail()] = (await handlers.inboxPull({ agentId: 'puller' }, callBy(of('puller'))))
      .messages as unknown as Got[];
    const ack = { messageId: message.id, deliveryId: message.deliveryId, idempotencyKey: 'ack' };
    const acked = await handlers.messageAck(ack, callBy(of('puller'), 'message.ack'));
    await sendAs('pulled', 'puller');
    const [{ message: pulled } = expect.fail()] = (
      await handlers.inboxPull({ agentId: 'puller' }, callBy(of('puller')))
    ).messages as unknown as Got[];
    const elsewhere = await send('a', 'stays', { correlationId: 'stays' });
    await settled();

    const { erased } = await handlers.contextErase({ contextId }, callBy(sender, 'context.erase'));
    const { id: messageId, deliveryId } = pulled;
    const lateAck = await failure(() => handlers.messageAck({ messageId, deliveryId }, callBy(of('puller'))));
    const lateNack = await failure(() =>
      handlers.messageNack({ messageId, deliveryId, reason: SECRET, final: true }, callBy(of('puller'))),
    );
    const lateAnswer = handles('a').at(-2) ?? expect.fail();
    lateAnswer.answer({ kind: 'error', code: -32000, message: SECRET, data: {} });
    await settled();
    const inboxes = ['a', 'b', 'away', 'puller'].map((agentId) => handlers.inboxGet({ agentId }, callBy(operator)));
    const receipts = await Promise.all(Object.values(ids).map((id) => receipt(id)));
    const { entries } = await store.range({ from: '!', to: '~', limit: 1000 });
    expect({
      acked: acked.correlationId,
      late: [lateAck.name, lateNack.name, lateAnswer.canceled],
      outcomes: Object.fromEntries(Object.keys(ids).map((name, i) => [name, receipts[i]?.outcome])),
      written: receipts.flatMap(({ reason, correlationId }) => [reason, correlationId]).filter(Boolean),
      messages: erased.messages,
      secret: entries.filter(({ value }) => JSON.stringify(value).includes(SECRET)).map(({ key }) => key),
      elsewhere: (await receipt(elsewhere.messageId)).correlationId,
      letters: (await handlers.deadLetterList({}, callBy(operator))).entries,
      discarded: store.journal().filter((line) => line.startsWith('message.discarded')),
      inboxes: (await Promise.all(inboxes)).map(({ messages, inFlight }) => [messages, inFlight]),
    }).to.deep.equal({
      acked: SECRET,
      late: ['stale_attempt', 'stale_attempt', 'its context was erased'],
      outcomes: {
        handled: 'handled',
        failed: 'failed',
        deadLettered: 'deadLettered',
        redelivered: 'deadLettered',
        again: 'canceled',
        inFlight: 'canceled',
        waiting: 'canceled',
        acked: 'handled',
        pulled: 'canceled',
      },
      written: [],
      messages: 9,
      secret: [],
      elsewhere: 'stays',
      letters: [],
      discarded: [`message.discarded message/${ids.deadLettered ?? ''} daemon success`],
      inboxes: [
        [1, 1],
        [0, 0],
        [0, 0],
        [0, 0],
      ],
    });
    await stop();
  });
});
