// Latency of requests between two agents, idle and beside durable messages; and what a message and a task cost in commits, log and journal.
// Run by hand: BENCH_HOME=… [PER_SECOND=5000] node test/bench/durable-beside-requests.mjs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { acknowledged, ask, daemon, login, wire, worker } from './contenders/_daemon.mjs';

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
const [answering, asking] = [await login(addr), await login(addr)];
await ask(answering, 1, 'agent.register', { agentId: 'echo', card: { name: 'echo', version: '1.0.0', skills: [] } });
answering.onmessage = (request) =>
  answering.send(`{"jsonrpc":"2.0","id":${wire.idOf(request)},"result":"${'y'.repeat(1000)}"}`);
const { call } = wire.rpcCaller(
  asking,
  wire.jsonRpc('message.request', { to: { agent: 'echo' }, payload: 'x'.repeat(1000) }),
);
async function latency(seconds) {
  const samples = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const from = performance.now();
    await new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
    samples.push(performance.now() - from);
    await sleep(2);
  }
  samples.sort((a, b) => a - b);
  const at = (share) => samples[Math.floor(samples.length * share)];
  return { p50: at(0.5), p99: at(0.99), count: samples.length };
}
const told = ({ p50, p99, count }) => `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${count} requests`;

const data = JSON.stringify('x'.repeat(1022));
async function inbox(agentId) {
  const ended = await worker(addr, agentId, 'inbox.open', 'message.handle', (agent, text, id) => {
    agent.send(`{"jsonrpc":"2.0","id":${id},"result":null}`);
    return [/"id":"([^"]+)"/.exec(text)[1]];
  });
  const params = `{"to":{"agent":"${agentId}"},"payload":${data}}`;
  return acknowledged(addr, ended, 'message.send', params, 'messageId');
}
async function tasks() {
  const ended = await worker(addr, 'worker', 'task.open', 'task.assign', (agent, text, id) => {
    const [taskId, epoch] = [/"taskId":"([^"]+)"/.exec(text)[1], /"epoch":(\d+)/.exec(text)[1]];
    agent.send(`{"jsonrpc":"2.0","id":${id},"result":null}`);
    return [taskId, 'task.complete', `{"taskId":"${taskId}","epoch":${epoch},"output":null}`];
  });
  return acknowledged(addr, ended, 'task.submit', `{"to":{"agent":"worker"},"input":${data}}`, 'taskId');
}
const once1 = (items) =>
  new Promise((resolve, reject) =>
    items.enqueue(undefined, (error, id) => (error ? reject(error) : items.ack(id, (late) => (late ? reject(late) : resolve())))),
  );
async function cost(name, items) {
  await once1(items);
  const [count, before] = [2_000, await written()];
  for (let i = 0; i < count; i += 64) await Promise.all(Array.from({ length: Math.min(64, count - i) }, () => once1(items)));
  const after = await written();
  const each = (what) => (after[what] - before[what]) / count;
  say(
    `a ${name} of 1 KiB, start to end: ${each('commits').toFixed(2)} commits, ${each('bytes').toFixed(0)} bytes of log, ${(each('cpu') * 1000).toFixed(0)} us of CPU`,
  );
}

const inboxes = [];
for (let i = 0; i < INBOXES; i++) inboxes.push(await inbox(`inbox-${i}`));
await latency(2);
const idle = await latency(8);
say(`idle: ${told(idle)}`);

let sending = true;
let [sent, failed] = [0, 0];
const started = performance.now();
const pacer = setInterval(() => {
  const due = sending ? ((performance.now() - started) / 1000) * PER_SECOND - sent : 0;
  for (let i = 0; i < due; i++) {
    const items = inboxes[sent++ % INBOXES];
    items.enqueue(undefined, (error, id) => {
      if (error && failed++ === 0) say(`first refusal: ${error.message}`);
      if (!error) items.ack(id, () => undefined);
    });
  }
}, 2);
await sleep(2000);
const [before, sentBefore, from] = [await written(), sent, performance.now()];
const beside = await latency(12);
const [after, seconds] = [await written(), (performance.now() - from) / 1000];
sending = false;
clearInterval(pacer);
say(
  `beside ${((sent - sentBefore) / seconds).toFixed(0)} durable sends a second (${failed} refused): ${told(beside)}; ` +
    `p99 ${(beside.p99 / idle.p99).toFixed(2)} of idle; ${(((after.cpu - before.cpu) / seconds) / 10).toFixed(0)} % of a core`,
);
await sleep(3000);
await cost('message', inboxes[0]);
await cost('task', await tasks());

// What of it is the journal: the records of one message, as they are written.
const reader = await login(addr);
const { entries } = await ask(reader, 1, 'journal.read', { limit: 4, order: 'desc' }).catch(() => ({ entries: [] }));
for (const record of entries.slice(0, 4)) say(`record ${record.action}: ${JSON.stringify(record).length} bytes`);
child.kill('SIGTERM');
await once(child, 'exit');
program.cleanup();
process.exit(0);
