// Starts our daemon as the bench's server: real binary, fresh data directory, every check on; limits are raised, not switched off.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
/** The lean WebSocket client of the harness. */
export const wire = await import(pathToFileURL(join(process.env.BENCH_HOME, 'lib/wsclient.mjs')).href);
export const payloads = await import(pathToFileURL(join(process.env.BENCH_HOME, 'lib/payload.mjs')).href);

/** Command, arguments and clean-up of a daemon that listens on `port`. */
export function daemon(port, { bench = true, config: extra = {} } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'orchestrator-bench-'));
  const config = {
    log: { level: 'warn', format: 'json' },
    limits: {
      rate: { perSecond: 1_000_000, burst: 1_000_000 },
      webSocket: { maxUnauthenticated: 1_000 },
      agents: { agents: 20_000, agentsPerPrincipal: 20_000 },
    },
    ...(bench
      ? {
          pluginRoots: [join(root, 'test/bench')],
          plugins: { bench: { path: join(root, 'test/bench/plugin') } },
        }
      : {}),
    ...extra,
  };
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
  return {
    cmd: process.execPath,
    args: [
      ...(process.env.BENCH_NODE ?? '').split(' ').filter(Boolean),
      join(root, 'daemon/bin/orchestrator.js'),
      'start',
      '--config',
      join(dir, 'config.json'),
      '--data-dir',
      join(dir, 'data'),
      '--http-port',
      String(port),
    ],
    addr: { keyFile: join(dir, 'data/admin.key') },
    cleanup: () => rmSync(dir, { recursive: true, force: true }),
  };
}

const keys = new Map();
/** A connection that is logged in by header. */
export function login(addr) {
  if (!keys.has(addr.keyFile)) keys.set(addr.keyFile, readFileSync(addr.keyFile, 'utf8').trim());
  return wire.open({ port: addr.port, path: '/rpc', headers: { Authorization: `Bearer ${keys.get(addr.keyFile)}` } });
}

/** Sends one request and answers its result; throws what the daemon says otherwise. */
export async function ask(ws, id, method, params) {
  const answer = JSON.parse(await wire.askOnce(ws, JSON.stringify({ jsonrpc: '2.0', id, method, params })));
  if (answer.error) throw new Error(JSON.stringify(answer.error).slice(0, 300));
  return answer.result;
}

/**
 * An agent that works on what the daemon hands it by calls of one method. `work(connection, text, id)` answers such a call and says which
 * item it was, and by which call it is ended, if by one. Answers what waits for the end of an item, or null for one that nobody waits for yet.
 */
async function worker(addr, { agentId, open, handed, work }) {
  const agent = await login(addr);
  await ask(agent, 1, 'agent.register', { agentId, card: { name: agentId, version: '1.0.0', skills: [] } });
  await ask(agent, 2, open, { agentId, window: 1000 });
  const ended = new Map();
  const ending = new Map();
  let calls = 1000;
  const over = (item, error) => {
    const done = ended.get(item);
    if (done === undefined) return ended.set(item, null);
    ended.delete(item);
    done(error);
  };
  agent.onmessage = (message) => {
    const text = message.toString();
    if (!text.includes('"method":')) {
      const id = wire.idOf(message);
      const item = ending.get(id);
      if (item === undefined) return;
      ending.delete(id);
      over(item, text.includes('"result"') ? undefined : new Error(text.slice(0, 300)));
      return;
    }
    if (!text.includes(`"method":"${handed}"`)) return;
    const [item, method, params] = work(agent, text, wire.idOf(message));
    if (method === undefined) return over(item);
    ending.set(++calls, item);
    agent.send(`{"jsonrpc":"2.0","id":${calls},"method":"${method}","params":${params}}`);
  };
  return ended;
}

let sender;
/** A producer of items that a {@link worker} ends; all of them are one agent's, on one connection. */
async function acknowledged(addr, ended, method, params, idMember) {
  const { ws, waiting } = await (sender ??= opened(addr));
  const itemId = new RegExp(`"${idMember}":"([^"]+)"`);
  return {
    enqueue(_body, done) {
      const id = ++calls;
      waiting.set(id, (text) => {
        const found = text.includes('"result"') && itemId.exec(text);
        if (found) done(undefined, found[1]);
        else done(new Error(text.slice(0, 300)));
      });
      ws.send(`{"jsonrpc":"2.0","id":${id},"method":"${method}","params":${params}}`);
    },
    ack(item, done) {
      if (ended.get(item) !== null) return ended.set(item, done);
      ended.delete(item);
      setImmediate(done);
    },
    close: () => undefined,
  };
}

let calls = 1000;
async function opened(addr) {
  const ws = await login(addr);
  const waiting = new Map();
  ws.onmessage = (message) => {
    const id = wire.idOf(message);
    const answered = waiting.get(id);
    if (answered === undefined) return;
    waiting.delete(id);
    answered(message.toString());
  };
  return { ws, waiting };
}

/** The agent's end of a message whose handler answers: it is settled by the answer. */
export const answering = (agentId) => ({
  agentId,
  open: 'inbox.open',
  handed: 'message.handle',
  work(agent, text, id) {
    agent.send(`{"jsonrpc":"2.0","id":${id},"result":null}`);
    return [/"id":"([^"]+)"/.exec(text)[1]];
  },
});

/** The agent's end of a message that is acknowledged by a call of its own. */
export const acknowledging = (agentId) => ({
  agentId,
  open: 'inbox.open',
  handed: 'message.handle',
  work(agent, text, id) {
    const [messageId, deliveryId] = [/"id":"([^"]+)"/.exec(text)[1], /"deliveryId":"([^"]+)"/.exec(text)[1]];
    agent.send(`{"jsonrpc":"2.0","id":${id},"result":{"ack":false}}`);
    return [messageId, 'message.ack', `{"messageId":"${messageId}","deliveryId":"${deliveryId}"}`];
  },
});

/** The worker's end of a task. */
export const completing = (agentId) => ({
  agentId,
  open: 'task.open',
  handed: 'task.assign',
  work(agent, text, id) {
    const [taskId, epoch] = [/"taskId":"([^"]+)"/.exec(text)[1], /"epoch":(\d+)/.exec(text)[1]];
    agent.send(`{"jsonrpc":"2.0","id":${id},"result":null}`);
    return [taskId, 'task.complete', `{"taskId":"${taskId}","epoch":${epoch},"output":null}`];
  },
});

/** Messages of 1 KiB to an agent, from send to acknowledgement. */
export const messagesTo = async (addr, agent) =>
  acknowledged(
    addr,
    await worker(addr, agent),
    'message.send',
    `{"to":{"agent":"${agent.agentId}"},"payload":${KIBIBYTE}}`,
    'messageId',
  );

/** Tasks with 1 KiB of input for a worker, from submit to completion. */
export const tasksFor = async (addr, agent) =>
  acknowledged(
    addr,
    await worker(addr, agent),
    'task.submit',
    `{"to":{"agent":"${agent.agentId}"},"input":${KIBIBYTE}}`,
    'taskId',
  );

const KIBIBYTE = JSON.stringify('x'.repeat(1022));

/** Latency of one call at a time for some seconds, a short rest after each; ms. */
export async function latency(call, seconds) {
  const samples = [];
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    const from = performance.now();
    await new Promise((resolve, reject) => call((error) => (error ? reject(error) : resolve())));
    samples.push(performance.now() - from);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  samples.sort((a, b) => a - b);
  const at = (share) => samples[Math.floor(samples.length * share)];
  const [p50, p99] = [at(0.5), at(0.99)];
  return {
    p50,
    p99,
    count: samples.length,
    text: `p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms, ${samples.length} calls`,
  };
}
