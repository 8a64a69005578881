/** A small legacy MCP server over stdio: `add`, `slow` with progress, and `wipe`, which says that it is destructive. */
export const MCP_SCRIPT = `
import { createInterface } from 'node:readline';
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n');
const text = (value) => ({ content: [{ type: 'text', text: String(value) }] });
const numbers = { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] };
const tools = [
  { name: 'add', description: process.env.DESCRIPTION ?? 'Adds two numbers.', inputSchema: numbers },
  { name: 'slow', description: 'Takes its time.', inputSchema: { type: 'object', properties: { steps: { type: 'integer' } } } },
  { name: 'wipe', description: 'Deletes everything.', inputSchema: { type: 'object' }, annotations: { destructiveHint: true } },
];
const canceled = new Set();
const calls = {
  add: ({ a, b }) => text(a + b),
  wipe: () => text('wiped'),
  slow: async ({ steps = 5 }, { progressToken }, id) => {
    for (let progress = 1; progress <= steps && !canceled.has(id); progress++) {
      await new Promise((done) => setTimeout(done, 50));
      if (progressToken !== undefined) send({ method: 'notifications/progress', params: { progressToken, progress, total: steps, message: 'step ' + progress } });
    }
    // A client of the first SDK forgets who waits for progress once it has read the answer, which on a slow machine it reads with it.
    if (progressToken !== undefined && !canceled.has(id)) await new Promise((done) => setTimeout(done, 500));
    return text('done');
  },
};
const methods = {
  initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'calculator', version: '1.2.3' } }),
  ping: () => ({}),
  'tools/list': () => ({ tools }),
  'tools/call': ({ name, arguments: given, _meta = {} }, id) => calls[name](given, _meta, id),
};
process.stderr.write('calculator is up\\n');
createInterface({ input: process.stdin }).on('line', async (line) => {
  const { id, method, params = {} } = JSON.parse(line);
  if (method === 'notifications/cancelled') canceled.add(params.requestId);
  if (id === undefined || method === undefined) return;
  if (methods[method] === undefined) return send({ id, error: { code: -32601, message: 'no such method' } });
  send({ id, result: await methods[method](params, id) });
});
`;
