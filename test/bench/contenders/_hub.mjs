// The bare hub: what any server in Node has to do at the least for durable messages and requests between agents, and nothing else. It is what our
// daemon is measured against, and promises nothing: it reads frames only in the form in which this bench writes them, copies payloads as bytes,
// asks nobody who he is, keeps no journal, no index, no receipts, no idempotency keys, and redelivers nothing.
import { constants, fsyncSync, openSync, write, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const harness = (file) => import(pathToFileURL(join(process.env.BENCH_HOME, file)).href);
const { leanServer } = await harness('lib/leanws.mjs');
const { listen } = await harness('contenders/rpc/_ws.mjs');
const { workDir } = await harness('contenders/durable/_group.mjs');

/** Bytes of the log, written ahead so that no write changes the file's size, and then written round and round. */
const LOG = 64 << 20;
/** Bytes of a group; more than what the bench has in flight at a time. */
const GROUP = 4 << 20;

/**
 * A log with group commit: the records of one turn of the event loop, or those that came while a write was under way, are one write that is on
 * the disk when it returns (O_DSYNC). `blocking`: the loop waits for it, which saves two wake-ups of a thread for each group, and holds up all else.
 */
function groupLog(path, blocking) {
  const ahead = openSync(path, 'w');
  for (let at = 0; at < LOG; at += GROUP) writeSync(ahead, Buffer.alloc(GROUP, 1));
  fsyncSync(ahead);
  const fd = openSync(path, constants.O_WRONLY | constants.O_DSYNC);
  let [group, free] = [Buffer.alloc(GROUP), Buffer.alloc(GROUP)];
  let [used, at] = [0, 0];
  let records = [];
  let state = 'idle';
  const due = () => {
    state = 'due';
    setImmediate(flush);
  };
  function flush() {
    state = 'writing';
    const [bytes, size, stored] = [group, used, records];
    [group, free, used, records] = [free, undefined, 0, []];
    if (at + size > LOG) at = 0;
    const from = at;
    at += size;
    const done = (error) => {
      if (error) throw error;
      [free, state] = [bytes, 'idle'];
      if (used > 0) due();
      for (const record of stored) record.done(bytes, record.from, record.to);
    };
    if (!blocking) return write(fd, bytes, 0, size, from, done);
    writeSync(fd, bytes, 0, size, from);
    done();
  }
  /** Appends a record of a head and some bytes; `done(buffer, from, to)` says where these bytes are, once they are on the disk. */
  return (head, body, start, end, done) => {
    if (used + head.length + (end - start) + 1 > GROUP)
      throw new Error('the bench has more in flight than a group holds');
    used += group.latin1Write(head, used);
    const from = used;
    used += body.copy(group, used, start, end);
    records.push({ done, from, to: used });
    group[used++] = 10;
    if (state === 'idle') due();
  };
}

/** The string after `key` in a frame's text. */
function textAfter(text, key) {
  const from = text.indexOf(key) + key.length;
  return text.slice(from, text.indexOf('"', from));
}

/** The longest part of a frame before its payload, in bytes. */
const HEAD = 160;
const NOTHING = Buffer.alloc(0);
const ID = '{"jsonrpc":"2.0","id":'.length;

const NO_DUTIES = { read: () => undefined, accepted: () => '', settled: () => '' };

/** Starts a hub; a message is accepted, handed to its agent, and settled by `message.ack` or by the answer of the agent, each after the sync. */
export async function bareHub({ blocking, duties = () => NO_DUTIES }) {
  const dir = workDir('hub');
  const keyFile = join(dir, 'key');
  writeFileSync(keyFile, 'nobody asks for it');
  const append = groupLog(join(dir, 'log'), blocking);
  const kept = await duties(dir);
  const agents = new Map();
  /** By number: who waits for the answer of a request; null for a message. */
  const open = new Map();
  let count = 0;
  const { server, send, sendText } = leanServer({ join() {}, leave() {}, message });
  const answer = (to, id, result) => sendText(to, `{"jsonrpc":"2.0","id":${id},"result":${result}}`);
  const params = (number) => `"params":{"message":{"id":"m${number}"},"deliveryId":"m${number}","payload":`;
  const hand = (to, number, bytes, from, end) =>
    send(to, `{"jsonrpc":"2.0","id":${number},"method":"message.handle",${params(number)}`, bytes, from, end);

  function message(from, bytes, start, end) {
    const text = bytes.latin1Slice(start, Math.min(end, start + HEAD));
    const comma = text.indexOf(',', ID);
    const id = text.slice(ID, comma);
    if (!text.startsWith('"method":"', comma + 1)) return answered(Number(id), text, bytes, start + comma, end);
    kept.read(bytes, start, end);
    const method = textAfter(text, '"method":"');
    const payload = () => start + text.indexOf('"payload":') + '"payload":'.length;
    const to = () => textAfter(text, '"agent":"');
    if (method === 'message.send') {
      const [number, agent] = [++count, to()];
      open.set(number, null);
      const record = kept.accepted(number, bytes.subarray(payload(), end - 1));
      append(`${record}+m${number} ${agent} `, bytes, payload(), end - 1, (stored, at, until) => {
        answer(from, id, `{"messageId":"m${number}"}`);
        hand(agents.get(agent), number, stored, at, until);
      });
    } else if (method === 'message.ack') {
      settle(Number(textAfter(text, '"messageId":"m')), () => answer(from, id, '{}'));
    } else if (method === 'message.request') {
      open.set(++count, { from, id });
      hand(agents.get(to()), count, bytes, payload(), end - 1);
    } else {
      if (method === 'agent.register') agents.set(textAfter(text, '"agentId":"'), from);
      answer(from, id, '{}');
    }
  }

  function answered(number, text, bytes, comma, end) {
    const asker = open.get(number);
    if (asker) {
      open.delete(number);
      send(asker.from, `{"jsonrpc":"2.0","id":${asker.id}`, bytes, comma, end - 1);
    } else if (!text.includes('"ack":false')) settle(number, () => undefined);
  }

  function settle(number, done) {
    if (!open.delete(number)) throw new Error(`message ${number} is not open`);
    append(`${kept.settled(number)}-m${number}`, NOTHING, 0, 0, done);
  }

  return { ...(await listen(server)), keyFile };
}
