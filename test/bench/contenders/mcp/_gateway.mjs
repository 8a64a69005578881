// Our daemon as an MCP gateway, and lean clients of both eras for it; the harness's own send no key.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { daemon } from '../_daemon.mjs';

const home = process.env.BENCH_HOME;
const { open, request } = await import(pathToFileURL(join(home, 'lib/httpclient.mjs')).href);
const { messageOf } = await import(pathToFileURL(join(home, 'contenders/mcp/_client.mjs')).href);
const root = join(dirname(fileURLToPath(import.meta.url)), '../../../..');

/** Configuration with MCP servers behind the gateway. */
export const plugins = (servers, options = {}) => ({
  pluginRoots: [join(root, 'plugins')],
  plugins: {
    'storage-level': {},
    'auth-apikey': {},
    mcp: { path: join(root, 'plugins/mcp'), config: { servers, ...options } },
  },
});

/** The daemon in front of one MCP server, whose tools keep their names; every check and record on. */
export const gateway = (port, server) =>
  daemon(port, { bench: false, config: plugins({ up: { prefix: '', ...server } }) });

/** A server on stdin and stdout: the one that mcp-proxy has behind it. */
export const STDIO = { command: process.execPath, args: [join(home, 'contenders/mcp/_stdio-echo.mjs')] };

const CLIENT = { name: 'bench', version: '1' };
const key = (addr) => readFileSync(addr.keyFile, 'utf8').trim();
const common = (addr) => ({
  'Content-Type': 'application/json',
  Accept: 'application/json, text/event-stream',
  Authorization: `Bearer ${key(addr)}`,
});
const post = (addr, headers, body) => request({ port: addr.port, path: '/mcp', headers, body });

/** Waits until the gateway shows a tool: its server is up. */
async function shown(http, list) {
  const until = Date.now() + 15_000;
  for (;;) {
    const listed = messageOf(await http.ask(list));
    if (listed?.result?.tools?.length > 0) return;
    if (Date.now() > until) throw new Error(`no tools: ${JSON.stringify(listed).slice(0, 300)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

let calls = 1000;
async function connection(addr, text, headers, params, list) {
  const http = await open(addr);
  const call = () => post(addr, headers, `{"jsonrpc":"2.0","id":${++calls},"method":"tools/call","params":${params}}`);
  await shown(http, list);
  const answer = await http.ask(call());
  if (messageOf(answer)?.result?.content?.[0]?.text !== text) {
    throw new Error(`wrong answer ${answer.status} ${answer.body.toString().slice(0, 300)}`);
  }
  return {
    call: (done) =>
      http.send(call(), (error, r) => done(error ?? (r.status === 200 ? undefined : new Error(`status ${r.status}`)))),
    close: () => http.close(),
  };
}

const sessions = new Map();
/** Opens a session of the legacy era; answers the headers of requests in it. */
export async function session(addr) {
  const http = await open(addr);
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: CLIENT };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 0, method: 'initialize', params });
  const opened = await http.ask(post(addr, common(addr), body));
  const id = /\r\nmcp-session-id: *([^\r\n]+)/i.exec(opened.head)?.[1];
  if (opened.status !== 200 || !id)
    throw new Error(`initialize: ${opened.status} ${opened.body.toString().slice(0, 300)}`);
  const headers = { ...common(addr), 'MCP-Protocol-Version': '2025-11-25', 'Mcp-Session-Id': id };
  await http.ask(post(addr, headers, '{"jsonrpc":"2.0","method":"notifications/initialized"}'));
  http.close();
  return headers;
}

/** A client of the legacy era; all connections are of one session. */
export async function legacyClient(addr, text) {
  if (!sessions.has(addr.port)) sessions.set(addr.port, session(addr));
  const headers = await sessions.get(addr.port);
  const list = post(addr, headers, '{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
  return connection(addr, text, headers, JSON.stringify({ name: 'echo', arguments: { text } }), list);
}

/** A client of the modern era. */
export function modernClient(addr, text) {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientInfo': CLIENT,
    'io.modelcontextprotocol/clientCapabilities': {},
  };
  const headers = (method) => ({ ...common(addr), 'MCP-Protocol-Version': '2026-07-28', 'Mcp-Method': method });
  const list = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } });
  return connection(
    addr,
    text,
    { ...headers('tools/call'), 'Mcp-Name': 'echo' },
    JSON.stringify({ name: 'echo', arguments: { text }, _meta }),
    post(addr, headers('tools/list'), list),
  );
}
