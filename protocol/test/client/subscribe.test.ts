import { expect } from 'chai';
import { OrchestratorError } from '../../src/index.js';
import { connect, type JournalRecord } from '../../src/client/node.js';
import { eventually, TestServer, type Answers, type Peer } from './test-server.js';

const fast = { reconnectBaseMs: 1, reconnectMaxMs: 5 };

/** Plays a journal of numbered records that grows by what it is asked to send; a cursor is the last sequence. */
class FakeJournal {
  readonly asked: unknown[] = [];
  #subscriptions = 0;

  readonly answers: Answers = {
    'journal.subscribe': (params, peer, id) => {
      this.asked.push(params.after ?? 'now');
      const subscriptionId = `s${String(++this.#subscriptions)}`;
      const after = Number(params.after ?? 0);
      if (this.before) this.send(peer, subscriptionId, after + 1, 2);
      peer.send({ id, result: { subscriptionId, cursor: String(after) } });
      if (!this.before) this.send(peer, subscriptionId, after + 1, 2);
      return undefined;
    },
    'subscription.cancel': () => ({ done: true }),
  };

  /** @param before whether entries come before the answer that says whose they are */
  constructor(readonly before = false) {}

  send(peer: Peer, subscriptionId: string, from: number, count: number): void {
    const entries = Array.from({ length: count }, (_, i) => ({ sequence: from + i }));
    peer.send({ method: 'subscription.events', params: { subscriptionId, entries, cursor: String(from + count - 1) } });
  }
}

async function take(records: AsyncIterator<JournalRecord>, count: number): Promise<number[]> {
  const sequences: number[] = [];
  while (sequences.length < count) {
    const next = await records.next();
    sequences.push((next.value as JournalRecord).sequence);
  }
  return sequences;
}

describe('client subscribe', () => {
  it('goes on after what it received when the connection was lost: every record once, in order [CLIENT-21]', async () => {
    const journal = new FakeJournal();
    const server = await TestServer.start(journal.answers);
    const client = await connect({ url: server.url, ...fast });
    const subscription = await client.subscribe();
    const records = subscription[Symbol.asyncIterator]();
    const seen = await take(records, 1);
    for (let cut = 0; cut < 3; cut += 1) {
      server.peer.socket.terminate();
      seen.push(...(await take(records, 2)));
    }
    expect(seen).to.deep.equal([1, 2, 3, 4, 5, 6, 7]);
    expect(journal.asked).to.deep.equal(['now', '2', '4', '6']);
    expect(subscription.cursor).to.equal('6');
    await client.close();
    await server.stop();
  });

  it('keeps entries that come before the answer that says whose they are [CLIENT-21]', async () => {
    const journal = new FakeJournal(true);
    const server = await TestServer.start(journal.answers);
    const client = await connect({ url: server.url });
    const records = (await client.subscribe({ after: '4' }))[Symbol.asyncIterator]();
    expect(await take(records, 2)).to.deep.equal([5, 6]);
    await client.close();
    await server.stop();
  });

  it('throws cursor_expired instead of leaving a gap [CLIENT-22]', async () => {
    const server = await TestServer.start({
      'journal.subscribe': ({ after }) => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- an error object of the wire
        if (after === '9') throw { code: 1006, message: 'Cursor expired', data: { name: 'cursor_expired' } };
        return { subscriptionId: 's1', cursor: '9' };
      },
    });
    const client = await connect({ url: server.url, ...fast });
    const records = (await client.subscribe())[Symbol.asyncIterator]();
    server.peer.socket.terminate();
    const error = await records.next().then(String, (thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(OrchestratorError).with.property('errorName', 'cursor_expired');
    await client.close();
    await server.stop();
  });

  it('pauses when its reader is slow, and goes on where it was without a gap [CLIENT-23]', async () => {
    const journal = new FakeJournal();
    const server = await TestServer.start(journal.answers);
    const client = await connect({ url: server.url, maxBufferedEntries: 1 });
    const records = (await client.subscribe())[Symbol.asyncIterator]();
    await eventually(() => server.received.some((m) => m.method === 'subscription.cancel'));
    expect(journal.asked).to.deep.equal(['now']);
    expect(await take(records, 4)).to.deep.equal([1, 2, 3, 4]);
    expect(journal.asked).to.deep.equal(['now', '2']);
    await client.close();
    await server.stop();
  });

  it('ends at the daemon when its loop is left, and when its signal aborts [CLIENT-24]', async () => {
    const journal = new FakeJournal();
    const server = await TestServer.start(journal.answers);
    const client = await connect({ url: server.url });
    for await (const { sequence } of await client.subscribe()) if (sequence === 1) break;
    const abort = new AbortController();
    const other = await client.subscribe({}, abort.signal);
    abort.abort();
    const rest: number[] = [];
    for await (const { sequence } of other) rest.push(sequence);
    await eventually(() => server.received.filter((m) => m.method === 'subscription.cancel').length === 2);
    expect(server.received.filter((m) => m.method === 'subscription.cancel').map(({ params }) => params)).to.deep.equal(
      [{ subscriptionId: 's1' }, { subscriptionId: 's2' }],
    );
    await client.close();
    await server.stop();
  });
});
