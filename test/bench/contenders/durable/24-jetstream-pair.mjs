// NATS JetStream between two connections: one publishes (acknowledged before its fsync), one consumes and acknowledges.
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The harness has the client, not we.
const harness = createRequire(join(process.env.BENCH_HOME, 'package.json'));
const { connect } = harness('@nats-io/transport-node');
const { jetstream, jetstreamManager } = harness('@nats-io/jetstream');

export const skip = (cell) => (cell.op === 'enqueue' ? 'publishes and consumes' : undefined);

export function program({ port }) {
  const dir = mkdtempSync(join(tmpdir(), 'bench-jetstream-'));
  const args = ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', dir];
  return { cmd: '/usr/sbin/nats-server', args, cleanup: () => rmSync(dir, { recursive: true, force: true }) };
}

const consumed = new Map();
let pair;

async function opened({ port }) {
  const [publisher, consumer] = [await dial(port), await dial(port)];
  const manager = await jetstreamManager(publisher);
  await manager.streams.add({
    name: 'INBOX',
    subjects: ['inbox'],
    storage: 'file',
    max_bytes: 2 ** 29,
    discard: 'old',
  });
  await manager.consumers.add('INBOX', { durable_name: 'agent', ack_policy: 'explicit', max_ack_pending: 10_000 });
  const inbox = await jetstream(consumer).consumers.get('INBOX', 'agent');
  await inbox.consume({
    max_messages: 500,
    callback(message) {
      message.ack();
      const done = consumed.get(message.seq);
      if (done === undefined) consumed.set(message.seq, null);
      else {
        consumed.delete(message.seq);
        done();
      }
    },
  });
  return jetstream(publisher);
}

const dial = (port) => connect({ servers: `127.0.0.1:${port}` });

export async function client(addr) {
  const stream = await (pair ??= opened(addr));
  return {
    enqueue: (body, done) => void stream.publish('inbox', body).then(({ seq }) => done(null, seq), done),
    ack(seq, done) {
      if (!consumed.has(seq)) return consumed.set(seq, done);
      consumed.delete(seq);
      setImmediate(done);
    },
    close: () => undefined,
  };
}
