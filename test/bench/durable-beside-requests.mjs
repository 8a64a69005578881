// Latency of requests between two agents, idle and beside durable messages; and what a message and a task cost in commits, log and journal.
// The requests and the sends come from a process each, idle as well as beside, so that the load lends the requests no delay of its own process;
// what the two cost each other by sharing the machine's cores with the daemon stays in the figures.
// npm run bench -- beside      ([PER_SECOND=5000]; ends with 1 when the p99 is more than twice that of the idle daemon)
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { answering, ask, completing, daemon, login, messagesTo, tasksFor } from './contenders/_daemon.mjs';

const PER_SECOND = Number(process.env.PER_SECOND ?? 5_000);
const INBOXES = 16;
const { freePort, waitForPort } = await import(pathToFileURL(join(process.env.BENCH_HOME, 'lib/proc.mjs')).href);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const port = await freePort();
const program = daemon(port);
const child = spawn(program.cmd, program.args, { stdio: 'ignore' });
await waitForPort(port);
await sleep(1500);
const addr = { port, ...program.addr };
const key = readFileSync(addr.keyFile, 'utf8').trim();
const say = (line) => process.stdout.write(`${line}\n`);

const cpuMs = () => {
  const [user, system] = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ').slice(11, 13);
  return (Number(user) + Number(system)) * 10;
};
async function metric(name) {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  return Number(new RegExp(`^${name}(?:\\{\\})? (\\S+)$`, 'm').exec(await answer.text())?.[1]);
}
async function written() {
  const [commits, bytes] = [
    await metric('orchestrator_store_commits_total'),
    await metric('orchestrator_store_log_bytes_total'),
  ];
  return { commits, bytes, cpu: cpuMs() };
}

// Requests: one pair of agents, one request at a time.
const pair = fork(new URL('request-latency.mjs', import.meta.url));
const producer = fork(new URL('durable-sends.mjs', import.meta.url));
async function tell(program, message) {
  program.send(message);
  const ended = once(program, 'exit').then(([code]) =>
    Promise.reject(new Error(`a process of the bench ended: ${code}`)),
  );
  ended.catch(() => undefined);
  return (await Promise.race([once(program, 'message'), ended]))[0];
}
const latency = (seconds) => tell(pair, { seconds });
const whole = (items) =>
  new Promise((resolve, reject) =>
    items.enqueue(undefined, (error, id) =>
      error ? reject(error) : items.ack(id, (late) => (late ? reject(late) : resolve())),
    ),
  );
async function cost(name, items) {
  await whole(items);
  const [count, before] = [2_000, await written()];
  for (let i = 0; i < count; i += 64)
    await Promise.all(Array.from({ length: Math.min(64, count - i) }, () => whole(items)));
  const after = await written();
  const each = (what) => (after[what] - before[what]) / count;
  say(
    `a ${name} of 1 KiB, start to end: ${each('commits').toFixed(2)} commits, ${each('bytes').toFixed(0)} bytes of log, ${(each('cpu') * 1000).toFixed(0)} us of CPU`,
  );
}

await tell(pair, { addr });
await tell(producer, { addr, inboxes: INBOXES });
await latency(2);
const idle = await latency(8);
say(`idle: ${idle.text}`);

await tell(producer, { perSecond: PER_SECOND });
await sleep(2000);
const [before, { sent: sentBefore }, from] = [await written(), await tell(producer, {}), performance.now()];
const beside = await latency(12);
const [after, seconds] = [await written(), (performance.now() - from) / 1000];
const { sent, failed, first } = await tell(producer, { perSecond: 0 });
if (first !== undefined) say(`first refusal: ${first}`);
say(
  `beside ${((sent - sentBefore) / seconds).toFixed(0)} durable sends a second (${failed} refused): ${beside.text}; ` +
    `${beside.p99 <= 2 * idle.p99 ? 'held  ' : 'MISSED'} p99 ${(beside.p99 / idle.p99).toFixed(2)} of idle (at most 2); ${((after.cpu - before.cpu) / seconds / 10).toFixed(0)} % of a core`,
);
await sleep(3000);
await cost('message', await messagesTo(addr, answering('receiver')));
await cost('task', await tasksFor(addr, completing('worker')));

// What of it is the journal: the first record of each kind, as it is written.
for (const action of ['message.accepted', 'message.settled', 'task.submitted', 'task.completed']) {
  const { entries } = await ask(await login(addr), 1, 'journal.read', { actions: [action], limit: 1 });
  for (const record of entries) say(`record ${action}: ${JSON.stringify(record).length} bytes of journal`);
}
pair.kill();
producer.kill();
child.kill('SIGTERM');
await once(child, 'exit');
program.cleanup();
process.exit(beside.p99 <= 2 * idle.p99 ? 0 : 1);
