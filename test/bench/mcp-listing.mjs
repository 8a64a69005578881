// What the MCP gateway's listings take, and what its sessions: 1,000 tools from 50 servers, listed by who may use them all.
// npm run bench -- listing      ([SESSIONS=1000]; ends with 1 when the median listing takes 20 ms or more)
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { daemon } from './contenders/_daemon.mjs';
import { plugins, session } from './contenders/mcp/_gateway.mjs';

const SERVERS = 50;
const TOOLS = 20;
const LISTINGS = 100;
const SESSIONS = Number(process.env.SESSIONS ?? 1_000);
const lib = (name) => import(pathToFileURL(join(process.env.BENCH_HOME, 'lib', name)).href);
const { freePort, waitForPort } = await lib('proc.mjs');
const { open, request } = await lib('httpclient.mjs');
const say = (line) => process.stdout.write(`${line}\n`);

/** A server of the legacy era that has tools with schemas of a usual size. */
function answer(message) {
  if (message.method === 'initialize') {
    const { protocolVersion } = message.params;
    return { protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'listing', version: '1' } };
  }
  if (message.method === 'tools/list') return { tools };
  return undefined;
}
const text = (description) => ({ type: 'string', description });
const tools = Array.from({ length: TOOLS }, (_, i) => ({
  name: `tool-${i}`,
  description: 'Looks a record up by its number and answers it with all that belongs to it.',
  inputSchema: {
    type: 'object',
    properties: {
      id: text('number of the record'),
      owner: text('whose it is'),
      since: text('date'),
      limit: { type: 'integer' },
    },
    required: ['id'],
  },
}));
const http = createServer(async (req, res) => {
  let body = '';
  for await (const chunk of req) body += chunk;
  if (req.method !== 'POST') return res.writeHead(405).end();
  const message = JSON.parse(body);
  if (message.id === undefined) return res.writeHead(202).end();
  const result = answer(message);
  const error = { code: -32601, message: 'Method not found' };
  res.writeHead(200, { 'Content-Type': 'application/json' });
  return res.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, ...(result ? { result } : { error }) }));
});
http.listen(0, '127.0.0.1');
await once(http, 'listening');

const port = await freePort();
const url = `http://127.0.0.1:${http.address().port}/mcp`;
const servers = Object.fromEntries(Array.from({ length: SERVERS }, (_, i) => [`server-${i}`, { url }]));
const program = daemon(port, {
  bench: false,
  config: plugins(servers, { downstream: { sessionsOfPrincipal: 10_000 } }),
});
const child = spawn(program.cmd, program.args, { stdio: ['ignore', 'inherit', 'inherit'] });
const ended = once(child, 'exit');
const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]);
let failed = true;
try {
  await waitForPort(port);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const addr = { port, ...program.addr };
  const headers = await session(addr);
  const connection = await open(addr);
  const list = async () => {
    let cursor;
    let count = 0;
    do {
      const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: cursor ? { cursor } : {} });
      const { body: listed } = await connection.ask(request({ port, path: '/mcp', headers, body }));
      const { result } = JSON.parse(listed.toString().replace(/^[^{]*/, ''));
      count += result.tools.length;
      cursor = result.nextCursor;
    } while (cursor);
    return count;
  };
  for (const until = Date.now() + 60_000; (await list()) < SERVERS * TOOLS && Date.now() < until;) {
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const count = await list();
  const took = [];
  for (let i = 0; i < LISTINGS; i++) {
    const from = performance.now();
    await list();
    took.push(performance.now() - from);
  }
  took.sort((a, b) => a - b);
  const p50 = took[LISTINGS / 2];
  say(
    `listing of ${count} tools from ${SERVERS} servers: p50 ${p50.toFixed(2)} ms, p99 ${took[LISTINGS - 2].toFixed(2)} ms`,
  );

  const before = rss();
  for (let i = 0; i < SESSIONS; i++) await session(addr);
  say(`idle session: ${((rss() - before) / SESSIONS).toFixed(2)} KiB each, of ${SESSIONS}`);
  connection.close();
  failed = count !== SERVERS * TOOLS || p50 >= 20;
  say(failed ? 'MISSED: 1,000 tools in under 20 ms' : 'held: 1,000 tools in under 20 ms');
} finally {
  child.kill();
  await ended;
  program.cleanup();
  http.closeAllConnections();
  http.close();
}
process.exitCode = failed ? 1 : 0;
