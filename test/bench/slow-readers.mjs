// Four sockets that subscribe to everything and never read, beside clients that go on working: memory of the daemon, and the latency of the
// others before, while and after. Run by hand: BENCH_HOME=… node test/bench/slow-readers.mjs
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ask, daemon, latency as measured, login, wire } from './contenders/_daemon.mjs';

const { freePort, waitForPort } = await import(pathToFileURL(join(process.env.BENCH_HOME, 'lib/proc.mjs')).href);
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const port = await freePort();
const program = daemon(port);
const child = spawn(program.cmd, program.args, { stdio: 'ignore' });
await waitForPort(port);
await sleep(500);
const addr = { port, ...program.addr };
const key = readFileSync(addr.keyFile, 'utf8').trim();
const field = (name) =>
  Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024;
const rssMiB = () => field('VmRSS');
const parts = () => `anonymous ${field('RssAnon').toFixed(0)}, mapped files ${field('RssFile').toFixed(0)}`;

// The load: durable writes, each of which is an event for every subscriber.
const WRITERS = Number(process.env.WRITERS ?? 2);
const writers = [];
for (let i = 0; i < WRITERS; i++) {
  const ws = await login(addr);
  const data = 'x'.repeat(1000);
  const { call } = wire.rpcCaller(
    ws,
    (id) => `{"jsonrpc":"2.0","id":${id},"method":"bench.put","params":{"data":"${data}"}}`,
  );
  writers.push(call);
}
let writing = true;
/** Between a writer's answer and its next write, ms: 0 writes as fast as the disk takes it. */
const PACE_MS = Number(process.env.PACE_MS ?? 0);
const next = PACE_MS > 0 ? (run) => setTimeout(run, PACE_MS) : (run) => run();
const write = (call) => call(() => writing && next(() => write(call)));

const probe = await login(addr);
const { call } = wire.rpcCaller(probe, wire.jsonRpc('daemon.ping', { echo: 1 }));
const latency = async (seconds) => (await measured(call, seconds)).text;

/** A raw socket that upgrades, subscribes from the first record on, asks for much, and then reads nothing any more. */
async function slowReader() {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `GET /rpc HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\nSec-WebSocket-Version: 13\r\nAuthorization: Bearer ${key}\r\n\r\n`,
  );
  await once(socket, 'data');
  socket.pause();
  for (let id = 1; id <= 1; id++) {
    const text = JSON.stringify({ jsonrpc: '2.0', id, method: 'journal.subscribe', params: {} });
    socket.write(wire.frame(Buffer.from(text)));
  }
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('error', () => undefined);
  return { closed, socket };
}

for (const w of writers) write(w);
await sleep(1000);
process.stdout.write(`before: ${await latency(6)}; ${rssMiB().toFixed(0)} MiB (${parts()})\n`);
const slow = [];
for (let i = 0; i < 4; i++) slow.push(await slowReader());
let most = 0;
const watch = setInterval(() => (most = Math.max(most, rssMiB())), 100);
process.stdout.write(`with four that never read: ${await latency(20)}; at most ${most.toFixed(0)} MiB (${parts()})\n`);
const session = await login(addr);
const { entries } = await ask(session, 1, 'session.list', {});
process.stdout.write(
  `sessions with subscriptions: ${JSON.stringify(entries.filter((e) => e.subscriptions > 0).map((e) => e.bufferedBytes))} bytes not taken\n`,
);
process.stdout.write(`a while later: ${await latency(20)}; at most ${most.toFixed(0)} MiB (${parts()})\n`);
const metrics = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${key}` } });
for (const line of (await metrics.text()).split('\n')) {
  if (/^orchestrator_.*(slow|paused|dropped)|^nodejs_(heap|external)/.test(line)) process.stdout.write(`${line}\n`);
}
writing = false;
clearInterval(watch);
for (const { socket } of slow) socket.destroy();
child.kill('SIGTERM');
await once(child, 'exit');
program.cleanup();
process.exit(0);
