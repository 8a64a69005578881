// Duties of ours on top of the bare hub, each as lean as it gets: every call read as JSON, two records of a hash-chained journal for each message,
// and an index on disk (LevelDB, written behind the log without a sync) that knows where records, contents and receipts lie. Still nobody is asked
// who he is, no schema and no limit is checked, no request is known again, nothing is redelivered.
import { hash } from 'node:crypto';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { ClassicLevel } = createRequire(join(process.env.BENCH_HOME, 'package.json'))('classic-level');

/** Writes of the index that make a batch. */
const BATCH = 600;
const sha256 = (data) => hash('sha256', data, 'hex');
const key = (number) => String(number).padStart(12, '0');

/** Opens the index in `dir`; what `accepted` and `settled` answer is the journal's record, to be written with what it speaks of. */
export async function duties(dir) {
  const index = new ClassicLevel(join(dir, 'index'));
  await index.open();
  const writes = [];
  let writing = false;
  let [previous, sequence] = ['0'.repeat(64), 0];

  async function written() {
    if (writing || writes.length < BATCH) return;
    writing = true;
    const batch = index.batch();
    for (const [at, value] of writes.splice(0)) {
      if (value === undefined) batch.del(at);
      else batch.put(at, value);
    }
    await batch.write();
    writing = false;
  }

  function record(action, number, contentHash) {
    const text =
      `{"sequence":${++sequence},"time":${Date.now()},"node":"n-0123456789abcdef","principal":{"id":"admin","kind":"user"},"chain":[],` +
      `"action":"${action}","resource":"message/m${number}","outcome":"ok","details":{"inbox":"inbox","attempt":1,"bytes":1024},` +
      `"content":"${contentHash}","trace":"4bf92f3577b34da6a3ce929d0e0e4736","previous":"${previous}"`;
    previous = sha256(`${text}}`);
    writes.push([`journal/${key(sequence)}`, key(sequence)]);
    return `${text},"hash":"${previous}"}`;
  }

  return {
    read(bytes, start, end) {
      const { jsonrpc, params } = JSON.parse(bytes.latin1Slice(start, end));
      if (jsonrpc !== '2.0' || typeof params !== 'object') throw new Error('not a call of this bench');
    },
    accepted(number, payload) {
      writes.push([`content/${key(number)}`, key(number)], [`receipt/${key(number)}`, 'accepted']);
      return record('message.accepted', number, sha256(payload));
    },
    settled(number) {
      writes.push([`inbox/${key(number)}`]);
      void written();
      return record('message.settled', number, '');
    },
  };
}
