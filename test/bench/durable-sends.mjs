// Durable messages of 1 KiB to some agents at a given rate, from send to acknowledgement, in a process of its own. Told `{ addr, inboxes }`, it
// logs in; told `{ perSecond }`, it sends so many until it is told 0; told nothing, it answers how many it sent and how many were refused.
import { answering, messagesTo } from './contenders/_daemon.mjs';

const inboxes = [];
let [sent, failed] = [0, 0];
let first;
let pacer;
async function connect(addr, count) {
  for (let i = 0; i < count; i++) inboxes.push(await messagesTo(addr, answering(`inbox-${i}`)));
}

function send() {
  const items = inboxes[sent++ % inboxes.length];
  items.enqueue(undefined, (error, id) => {
    if (error) {
      failed++;
      first ??= error.message;
    } else items.ack(id, () => undefined);
  });
}

function pace(perSecond) {
  clearInterval(pacer);
  const [from, before] = [performance.now(), sent];
  const due = () => ((performance.now() - from) / 1000) * perSecond - (sent - before);
  if (perSecond > 0)
    pacer = setInterval(() => {
      for (let left = due(); left > 0; left--) send();
    }, 2);
}

process.on('message', async ({ addr, inboxes: count, perSecond }) => {
  if (addr !== undefined) await connect(addr, count);
  if (perSecond !== undefined) pace(perSecond);
  process.send({ sent, failed, first });
});
// With the program that started it.
process.on('disconnect', () => process.exit());
