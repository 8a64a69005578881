import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A legacy MCP server over stdio, whole: echoes, fails, is slow, asks, hangs and dies on request. */
export const LEGACY_SERVER = `
import { createInterface } from 'node:readline';
let tools = ['echo', 'fail', 'slow', 'ask', 'hang', 'die', 'grow', 'ticks'];
let asked = 0;
const waiting = new Map();
const canceled = new Set();
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const text = (value) => ({ content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }] });
const page = (list, key, cursor) => {
  const from = Number(cursor ?? 0);
  return { [key]: list.slice(from, from + 3), ...(from + 3 < list.length ? { nextCursor: String(from + 3) } : {}) };
};
const calls = {
  echo: (id, { arguments: given }) => text(given),
  whoami: () => text({ pid: process.pid, env: Object.keys(process.env).sort(), cwd: process.cwd() }),
  fail: () => { throw Object.assign(new Error('no such luck'), { code: -32042 }); },
  slow: async (id, { arguments: { ms } }) => { await new Promise((done) => setTimeout(done, ms)); return text(canceled.has(id) ? 'canceled' : 'done'); },
  ask: async (id) => {
    const own = 'q' + ++asked;
    send({ id: own, method: 'elicitation/create', params: { message: 'who?', requestedSchema: { type: 'object', properties: {} } } });
    return text(await new Promise((resolve) => waiting.set(own, resolve)));
  },
  hang: () => new Promise(() => undefined),
  die: () => { process.stderr.write('dying as told\\n'); process.exit(3); },
  grow: () => { tools = [...tools, 'grown']; send({ method: 'notifications/tools/list_changed' }); return text('grown'); },
  ticks: (id, { _meta }) => {
    for (const progress of [1, 2]) send({ method: 'notifications/progress', params: { progressToken: _meta.progressToken, progress, total: 2 } });
    send({ method: 'notifications/message', params: { level: 'info', data: 'ticked' } });
    return text('ticked');
  },
};
if (process.env.MUMBLES === 'yes') setInterval(() => send({ method: 'notifications/message', params: { level: 'info', data: 'mumbled' } }), 20);
const methods = {
  initialize: (id, { protocolVersion, capabilities }) => ({ protocolVersion, capabilities: { tools: { listChanged: true }, prompts: {}, resources: { subscribe: true }, logging: {} }, serverInfo: { name: 'fixture', version: '1.2.3' }, instructions: 'be kind' }),
  ping: () => ({}),
  'tools/list': (id, { cursor }) => page(tools.map((name) => ({ name, inputSchema: { type: 'object' } })), 'tools', cursor),
  'tools/call': (id, params) => calls[params.name](id, params),
  'prompts/list': () => ({ prompts: [{ name: 'greet' }] }),
  'resources/list': () => ({ resources: [{ uri: 'memo://1', name: 'one' }] }),
  'resources/subscribe': (id, { uri }) => { setTimeout(() => send({ method: 'notifications/resources/updated', params: { uri } }), 20); return {}; },
  'resources/unsubscribe': () => ({}),
};
createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params = {}, result, error } = JSON.parse(line);
  if (method === 'notifications/cancelled') return canceled.add(params.requestId);
  if (method === undefined) return waiting.get(id)?.(result ?? error);
  if (id === undefined) return;
  try {
    if (methods[method] === undefined) throw Object.assign(new Error('no such method'), { code: -32601 });
    send({ id, result: await methods[method](id, params) });
  } catch (error) {
    send({ id, error: { code: error.code ?? -32603, message: error.message } });
  }
});
`;

/** Writes a script into a directory. */
export async function scriptIn(directory: string, name: string, source: string): Promise<string> {
  const file = join(directory, `${name}.mjs`);
  await writeFile(file, source);
  return file;
}

/** A modern MCP server over stdio, whole; it says on stderr which methods it was sent. */
export const MODERN_SERVER = `
import { createInterface } from 'node:readline';
let tools = ['echo', 'never', 'grow'];
let listening;
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const answer = (id, result) => send({ id, result: { resultType: 'complete', ...result } });
const tell = (method, params = {}) => send({ method, params: { ...params, _meta: { 'io.modelcontextprotocol/subscriptionId': listening } } });
const text = (value) => ({ content: [{ type: 'text', text: JSON.stringify(value) }] });
const methods = {
  'server/discover': (id) => answer(id, { supportedVersions: ['2026-07-28', '2025-11-25'], capabilities: { tools: { listChanged: true } }, ttlMs: 0, cacheScope: 'public' }),
  'tools/list': (id) => answer(id, { tools: tools.map((name) => ({ name, inputSchema: { type: 'object' } })), ttlMs: 0, cacheScope: 'public' }),
  'subscriptions/listen': (id, { notifications }) => { listening = id; tell('notifications/subscriptions/acknowledged', { notifications }); },
  'tools/call': (id, { name, arguments: given, _meta }) => {
    if (name === 'never') return;
    if (name === 'grow') { tools = [...tools, 'grown']; tell('notifications/tools/list_changed'); }
    answer(id, text({ given, version: _meta['io.modelcontextprotocol/protocolVersion'] }));
  },
};
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  process.stderr.write(method + (method === 'notifications/cancelled' ? ' ' + params.requestId : '') + '\\n');
  if (id === undefined) return;
  if (methods[method] === undefined) return send({ id, error: { code: -32601, message: 'no such method' } });
  methods[method](id, params);
});
`;
