// Latency of requests between two agents: idle, beside durable messages, and beside a plain load of the processor that takes as much of it; the same
// for the bare hub; and what a message and a task cost in commits, log and journal. The requests and the sends come from a process each, idle as
// well as beside, so that the load lends the requests no delay of its own process; what the two cost each other by sharing the machine's cores
// with the daemon stays in the figures, and is what the plain load shows alone.
// npm run bench -- beside      ([PER_SECOND=5000]; ends with 1 when the p99 is more than twice that of the idle daemon)
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { answering, ask, completing, daemon, login, messagesTo, tasksFor } from './contenders/_daemon.mjs';

const PER_SECOND = Number(process.env.PER_SECOND ?? 5_000);
const INBOXES = 16;
const { cpuMicros, end, forkScript, freePort, waitForPort } = await import(
  pathToFileURL(join(process.env.BENCH_HOME, 'lib/proc.mjs')).href
);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const port = await freePort();
const program = daemon(port);
const child = spawn(program.cmd, program.args, { stdio: 'ignore' });
await waitForPort(port);
await sleep(1500);
const addr = { port, ...program.addr };
const key = readFileSync(addr.keyFile, 'utf8').trim();
const say = (line) => process.stdout.write(`${line}\n`);

async function metric(name) {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${key}` } });
  return Number(new RegExp(`^${name}(?:\\{\\})? (\\S+)$`, 'm').exec(await answer.text())?.[1]);
}
async function written() {
  const [commits, bytes] = [
    await metric('orchestrator_store_commits_total'),
    await metric('orchestrator_store_log_bytes_total'),
  ];
  return { commits, bytes, cpu: cpuMicros(child.pid) };
}

async function tell(program, message) {
  program.send(message);
  const ended = once(program, 'exit').then(([code]) =>
    Promise.reject(new Error(`a process of the bench ended: ${code}`)),
  );
  ended.catch(() => undefined);
  return (await Promise.race([once(program, 'message'), ended]))[0];
}
const started = (file) => fork(new URL(file, import.meta.url));

/** What part of a core some processes take from now on. */
function sharesFromNow(...pids) {
  const used = () => pids.map((pid) => cpuMicros(pid));
  const [from, before] = [performance.now(), used()];
  return () => used().map((us, i) => (us - before[i]) / 1000 / (performance.now() - from));
}

/** Requests through one server, one pair of agents, one request at a time: idle, beside sends, and beside a plain load of what these took. */
async function measured(name, addr, pid) {
  const [pair, producer] = [started('request-latency.mjs'), started('durable-sends.mjs')];
  const latency = (seconds) => tell(pair, { seconds });
  await tell(pair, { addr });
  await tell(producer, { addr, inboxes: INBOXES });
  await latency(2);
  const alone = sharesFromNow(pid);
  const idle = await latency(6);
  const [idleShare] = alone();
  say(`${name}, idle: ${idle.text}`);

  await tell(producer, { perSecond: PER_SECOND });
  await sleep(2000);
  const [{ sent: sentBefore }, from, shares] = [
    await tell(producer, {}),
    performance.now(),
    sharesFromNow(pid, producer.pid),
  ];
  const beside = await latency(10);
  const [seconds, [share, producerShare]] = [(performance.now() - from) / 1000, shares()];
  const { sent, failed, first } = await tell(producer, { perSecond: 0 });
  if (first !== undefined) say(`first refusal: ${first}`);
  const ratio = beside.p99 / idle.p99;
  say(
    `${name}, beside ${((sent - sentBefore) / seconds).toFixed(0)} durable sends a second (${failed} refused): ${beside.text}; ` +
      `p99 ${ratio.toFixed(2)} of idle; ${percent(share)} of a core, and ${percent(producerShare)} for who sends`,
  );

  await sleep(1000);
  const plain = Math.max(0, share - idleShare) + producerShare;
  const loads = [started('plain-load.mjs'), started('plain-load.mjs')];
  for (const load of loads) load.send({ share: plain / loads.length });
  await sleep(500);
  const shared = await latency(6);
  say(
    `${name}, beside a plain load of ${percent(plain)} of a core: ${shared.text}; p99 ${(shared.p99 / idle.p99).toFixed(2)} of idle`,
  );
  for (const process of [pair, producer, ...loads]) process.kill();
  return ratio;
}
const percent = (share) => `${(share * 100).toFixed(0)} %`;

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
    `a ${name} of 1 KiB, start to end: ${each('commits').toFixed(2)} commits, ${each('bytes').toFixed(0)} bytes of log, ${each('cpu').toFixed(0)} us of CPU`,
  );
}

const ratio = await measured('daemon', addr, child.pid);
await sleep(1000);
await cost('message', await messagesTo(addr, answering('receiver')));
await cost('task', await tasksFor(addr, completing('worker')));

// What of it is the journal: the first record of each kind, as it is written.
for (const action of ['message.accepted', 'message.settled', 'task.submitted', 'task.completed']) {
  const { entries } = await ask(await login(addr), 1, 'journal.read', { actions: [action], limit: 1 });
  for (const record of entries) say(`record ${action}: ${JSON.stringify(record).length} bytes of journal`);
}
child.kill('SIGTERM');
await once(child, 'exit');
program.cleanup();

const hub = forkScript('host.mjs', [
  fileURLToPath(new URL('contenders/durable/26-hub-durable-threaded.mjs', import.meta.url)),
]);
const limit = await measured('bare hub', await hub.ask('start', {}), hub.pid);
await end(hub);
say(
  `${ratio <= 2 ? 'held  ' : 'MISSED'} p99 beside sends ${ratio.toFixed(2)} of idle (at most 2; the bare hub ${limit.toFixed(2)})`,
);
process.exit(ratio <= 2 ? 0 : 1);
