import { OrchestratorError } from '@ai-orchestrator/protocol';
import { expect } from 'chai';
import { callBy, failure } from '../support/core.js';
import { settled } from '../support/manual-time.js';
import { error, holdCommit, withInboxes } from './inbox-world.js';

describe('a delivery', () => {
  it('that the agent answers with {"ack": false} is settled by its call, once, whoever repeats it [MSG-10]', async () => {
    const { of, send, got, answer, handlers, receipt, stop } = await withInboxes();
    const { messageId } = await send('a');
    await settled();
    await answer('a', { result: { ack: false } });
    const pending = (await receipt(messageId)).state;
    const { deliveryId } = got('a')[0]?.message ?? expect.fail();
    const [first, same] = await Promise.all(
      [1, 2].map(() => handlers.messageAck({ messageId, deliveryId }, callBy(of('a'), 'message.ack'))),
    );
    const later = await handlers.messageAck({ messageId, deliveryId }, callBy(of('a'), 'message.ack'));
    expect([pending, first?.outcome, same, later]).to.deep.equal(['pending', 'handled', first, first]);
    await stop();
  });

  it('that is over is refused as stale_attempt, and nothing else changes [MSG-11]', async () => {
    const { of, time, send, got, handlers, receipt, store, stop } = await withInboxes();
    const { messageId } = await send('a');
    await settled();
    const late = got('a')[0]?.message ?? expect.fail();
    await time.advance(60_100);
    await time.advance(1_000);
    const before = [await receipt(messageId), store.commits, got('a').length];
    const call = callBy(of('a'), 'message.ack');
    const { deliveryId } = late;
    const refused = [
      await failure(() => handlers.messageAck({ messageId, deliveryId }, call)),
      await failure(() => handlers.messageNack({ messageId, deliveryId }, call)),
      await failure(() => handlers.messageExtend({ messageId, deliveryId, extendMs: 1 }, call)),
    ].map(({ name }) => name);
    expect(refused).to.deep.equal(['stale_attempt', 'stale_attempt', 'stale_attempt']);
    expect([await receipt(messageId), store.commits, got('a').length]).to.deep.equal(before);
    expect(got('a').map(({ message }) => message.attempt)).to.deep.equal([1, 2]);
    await stop();
  });

  it('that ran out of time at its last attempt is refused as stale_attempt, too [MSG-11]', async () => {
    const { of, time, send, got, handlers, receipt, stop } = await withInboxes();
    const { messageId } = await send('a', 'hi', { maxAttempts: 1 });
    await settled();
    const { deliveryId } = got('a')[0]?.message ?? expect.fail();
    await time.advance(60_100);
    await time.advance(1_000);
    const ack = await failure(() => handlers.messageAck({ messageId, deliveryId }, callBy(of('a'), 'message.ack')));
    expect([ack.name, (await receipt(messageId)).outcome]).to.deep.equal(['stale_attempt', 'deadLettered']);
    await stop();
  });

  it('concerns its agent only: for others the message does not exist', async () => {
    const { sender, send, got, handlers, stop } = await withInboxes();
    const { messageId } = await send('a');
    await settled();
    const { deliveryId } = got('a')[0]?.message ?? expect.fail();
    const ack = await failure(() => handlers.messageAck({ messageId, deliveryId }, callBy(sender, 'message.ack')));
    expect(ack.name).to.equal('not_found');
    await stop();
  });

  it('that fails comes again after a growing wait, and is a dead letter after its last attempt [MSG-12]', async () => {
    const { time, send, got, answer, receipt, stop } = await withInboxes({ a: {} }, { limits: { attempts: 3 } });
    const { messageId } = await send('a');
    await settled();
    const waits: number[] = [];
    for (let attempt = 1; attempt < 3; attempt++) {
      await answer('a', error());
      let waited = 0;
      while (got('a').length === attempt && waited < 10_000) {
        await time.advance(100);
        waited += 100;
      }
      waits.push(waited);
    }
    await answer('a', error());
    const { outcome, attempts, reason } = await receipt(messageId);
    expect([outcome, attempts, reason]).to.deep.equal(['deadLettered', 3, 'cannot do that']);
    const [first = 0, second = 0] = waits;
    expect([first >= 500, first <= 1100, second >= 1000, second <= 2100], waits.join()).to.deep.equal([
      true,
      true,
      true,
      true,
    ]);
    await stop();
  });

  it('that fails for good is settled as failed, and as refused where the agent does not know its kind [MSG-13]', async () => {
    const { send, answer, receipt, stop } = await withInboxes();
    const outcomes: unknown[] = [];
    for (const wrong of [error({ retryable: false }), error({}, -32601)]) {
      const { messageId } = await send('a');
      await settled();
      await answer('a', wrong);
      outcomes.push((await receipt(messageId)).outcome);
    }
    expect(outcomes).to.deep.equal(['failed', 'refused']);
    await stop();
  });

  it('is handed back by message.nack, after a delay of its own, or for good [MSG-14]', async () => {
    const { of, time, send, got, handlers, receipt, stop } = await withInboxes();
    const { messageId } = await send('a');
    await settled();
    const nack = (which: number, params: object) => {
      const { deliveryId } = got('a')[which]?.message ?? expect.fail();
      return handlers.messageNack({ messageId, deliveryId, ...params }, callBy(of('a'), 'message.nack'));
    };
    const later = await nack(0, { delayMs: 5_000, reason: 'not now' });
    await time.advance(4_900);
    const early = got('a').length;
    await time.advance(200);
    expect([later.nextAttemptAt, early, got('a').length]).to.deep.equal([
      new Date(Date.UTC(2026, 0, 1) + 5_000).toISOString(),
      1,
      2,
    ]);
    expect(await nack(1, { final: true, reason: 'never' })).to.deep.equal({ outcome: 'failed' });
    const { outcome, reason, attempts } = await receipt(messageId);
    expect([outcome, reason, attempts]).to.deep.equal(['failed', 'never', 2]);
    await stop();
  });

  it('is handed back once for an idempotency key, whoever has the message by then [MSG-14]', async () => {
    const { of, time, send, got, handlers, stop } = await withInboxes();
    const { messageId } = await send('a');
    await settled();
    const { deliveryId } = got('a')[0]?.message ?? expect.fail();
    const nack = () =>
      handlers.messageNack({ messageId, deliveryId, delayMs: 1_000, idempotencyKey: 'k' }, callBy(of('a'), 'nack'));
    const first = await nack();
    const waiting = await nack();
    await time.advance(1_100);
    const again = await nack();
    expect([waiting, again, got('a').map(({ message }) => message.attempt)]).to.deep.equal([first, first, [1, 2]]);
    await stop();
  });

  it('whose time ends while its ack is on the way comes again when that one fails [MSG-15]', async () => {
    const { of, store, time, send, got, answer, handlers, stop } = await withInboxes();
    const { messageId } = await send('a');
    await settled();
    await answer('a', { result: { ack: false } });
    const { deliveryId } = got('a')[0]?.message ?? expect.fail();
    const release = holdCommit(store);
    const ack = failure(() => handlers.messageAck({ messageId, deliveryId }, callBy(of('a'), 'message.ack')));
    await time.advance(60_100);
    await release(new OrchestratorError('storage_full', 'no space left'));
    await time.advance(2_000);
    expect([(await ack).name, got('a').map(({ message }) => message.attempt)]).to.deep.equal(['storage_full', [1, 2]]);
    await stop();
  });

  it('whose ack is on the way when another connection takes the agent over comes to that one if it fails [MSG-16]', async () => {
    const { of, come, store, send, got, answer, handlers, stop } = await withInboxes();
    const { messageId } = await send('a');
    await settled();
    await answer('a', { result: { ack: false } });
    const { deliveryId } = got('a')[0]?.message ?? expect.fail();
    const release = holdCommit(store);
    const ack = failure(() => handlers.messageAck({ messageId, deliveryId }, callBy(of('a'), 'message.ack')));
    await come('a');
    await release(new OrchestratorError('storage_full', 'no space left'));
    await ack;
    expect(got('a').map(({ message }) => [message.id, message.attempt])).to.deep.equal([[messageId, 2]]);
    await stop();
  });

  it('that is acked while another connection takes the agent over leaves that one its inbox [MSG-16]', async () => {
    const { of, come, store, send, got, answer, handlers, stop } = await withInboxes();
    const { messageId } = await send('a');
    await settled();
    await answer('a', { result: { ack: false } });
    const { deliveryId } = got('a')[0]?.message ?? expect.fail();
    const release = holdCommit(store);
    const ack = handlers.messageAck({ messageId, deliveryId }, callBy(of('a'), 'message.ack'));
    await come('a');
    await release();
    const next = await send('a');
    await settled();
    expect([(await ack).outcome, got('a').map(({ message }) => message.id)]).to.deep.equal([
      'handled',
      [next.messageId],
    ]);
    await stop();
  });

  it('that takes longer than its time is canceled and comes again, unless it was given more [MSG-15]', async () => {
    const { of, time, send, got, handles, handlers, stop } = await withInboxes();
    const { messageId } = await send('a');
    await settled();
    const { deliveryId } = got('a')[0]?.message ?? expect.fail();
    await time.advance(50_000);
    await handlers.messageExtend({ messageId, deliveryId, extendMs: 30_000 }, callBy(of('a')));
    await time.advance(20_000);
    const kept = got('a').length;
    await time.advance(10_100);
    await time.advance(1_100);
    expect([kept, got('a').length, handles('a')[0]?.canceled]).to.deep.equal([
      1,
      2,
      'its time is over; the message is delivered again',
    ]);
    await stop();
  });

  it('whose connection ends comes again at once on the next, attempt 2 [MSG-16]', async () => {
    const { of, come, send, got, answer, receipt, stop } = await withInboxes();
    const { messageId } = await send('a');
    await send('a', 'second');
    await settled();
    of('a').close();
    await settled();
    await come('a');
    await answer('a', { result: null }, 0);
    expect(got('a').map(({ message, payload }) => [message.attempt, payload])).to.deep.equal([
      [2, 'hi'],
      [2, 'second'],
    ]);
    expect((await receipt(messageId)).attempts).to.equal(2);
    await stop();
  });

  it('whose agent was lost comes alone, before all others, for so long that it cannot hold them up [MSG-27]', async () => {
    const { of, come, time, send, got, answer, stop } = await withInboxes();
    for (const payload of ['one', 'two']) await send('a', payload);
    await settled();
    of('a').close();
    await settled();
    await send('a', 'three');
    await come('a');
    const payloads = () => got('a').map(({ payload }) => payload);
    const atFirst = payloads();
    await answer('a', { result: null });
    const afterOne = payloads();
    // It says nothing: what comes behind it goes on all the same.
    await time.advance(5_100);
    expect([atFirst, afterOne, payloads()]).to.deep.equal([['one'], ['one', 'two'], ['one', 'two', 'three']]);
    await stop();
  });

  it('whose agent is lost at its last attempt is a dead letter at once [MSG-12]', async () => {
    const { of, send, receipt, stop } = await withInboxes();
    const { messageId } = await send('a', 'hi', { maxAttempts: 1 });
    await settled();
    of('a').close();
    await settled();
    const { outcome, attempts } = await receipt(messageId);
    expect([outcome, attempts]).to.deep.equal(['deadLettered', 1]);
    await stop();
  });

  it('for which its connection has no room waits, and uses up none of its attempts [MSG-38]', async () => {
    const { of, time, send, got, answer, receipt, stop } = await withInboxes();
    of('a').full = true;
    const { messageId } = await send('a', 'hi', { maxAttempts: 1 });
    await settled();
    for (let i = 0; i < 10; i++) await time.advance(1_000);
    const before = got('a').length;
    of('a').full = false;
    await time.advance(1_000);
    await answer('a', { result: null });
    expect([before, got('a').length, (await receipt(messageId)).outcome]).to.deep.equal([0, 1, 'handled']);
    await stop();
  });

  it('that was claimed, and not handed out when the connection ended, uses up none of its attempts [MSG-38]', async () => {
    const { of, come, store, send, answer, handlers, receipt, stop } = await withInboxes();
    await come('b', {}, 0);
    const { messageId } = await send('b', 'hi', { maxAttempts: 1 });
    const release = holdCommit(store);
    await handlers.inboxOpen({ agentId: 'b', window: 1 }, callBy(of('b')));
    await settled();
    of('b').close();
    await release();
    await come('b');
    await answer('b', { result: null });
    expect((await receipt(messageId)).outcome).to.equal('handled');
    await stop();
  });

  it('of an agent that another connection took over goes to that one, and the old answer does not count [MSG-16]', async () => {
    const { of, come, send, got, receipt, stop } = await withInboxes();
    const { messageId } = await send('a');
    await settled();
    const old = of('a');
    const [first] = old.calls;
    await come('a');
    first?.answer({ result: null });
    await settled();
    const { state } = await receipt(messageId);
    expect([state, got('a').map(({ message }) => message.attempt)]).to.deep.equal(['pending', [2]]);
    expect(first?.canceled).to.equal('another connection has taken the agent over');
    await stop();
  });

  it('is withheld while the agent is suspended or draining, and goes on after [MSG-17]', async () => {
    const { of, send, got, connect, handlers, stop } = await withInboxes();
    const operator = connect('op', 'operator');
    await handlers.agentSuspend({ agentId: 'a' }, callBy(operator));
    await send('a', 1);
    await settled();
    const counts = [got('a').length];
    const pulled = await handlers.inboxPull({ agentId: 'a' }, callBy(of('a')));
    expect(pulled.messages).to.deep.equal([]);
    await handlers.agentResume({ agentId: 'a' }, callBy(operator));
    await settled();
    counts.push(got('a').length);
    await handlers.agentSetState({ agentId: 'a', state: 'draining' }, callBy(of('a')));
    await send('a', 2);
    await settled();
    counts.push(got('a').length);
    await handlers.agentSetState({ agentId: 'a', state: 'ready' }, callBy(of('a')));
    await settled();
    counts.push(got('a').length);
    expect(counts).to.deep.equal([0, 1, 1, 2]);
    await stop();
  });
});

describe('a message', () => {
  it('expires when nobody has it in time, also while its agent is away [MSG-18]', async () => {
    const { of, time, send, receipt, handlers, stop } = await withInboxes({ a: {}, b: {} });
    of('a').close();
    await settled();
    const { messageId } = await send('a', 1, { ttlMs: 5_000 });
    const had = await send('b', 1, { ttlMs: 5_000 });
    await time.advance(6_000);
    await settled();
    expect([(await receipt(messageId)).outcome, (await receipt(had.messageId)).state]).to.deep.equal([
      'expired',
      'pending',
    ]);
    expect((await handlers.inboxGet({ agentId: 'a' }, callBy(of('b')))).messages).to.equal(0);
    await stop();
  });

  it('has a receipt for its sender, its recipient and who administers messages, and for nobody else [MSG-19]', async () => {
    const { of, send, connect, handlers, stop } = await withInboxes();
    const { messageId } = await send('a');
    const read = (session: Parameters<typeof callBy>[0]) =>
      handlers.messageReceipt({ messageId }, callBy(session)).then(
        ({ state }) => state,
        (e: unknown) => String(e),
      );
    const seen = [await read(of('a')), await read(connect('op', 'operator')), await read(connect('other'))];
    expect(seen).to.deep.equal(['pending', 'pending', `OrchestratorError: Not found: message ${messageId}`]);
    await stop();
  });
});
