/**
 * An MCP server over stdio as a program text: `echo` answers its arguments after a moment that differs from call to call, so that answers
 * overtake each other; `secret` is for those who may.
 */
export const MCP_ECHO_SERVER = `
import { createInterface } from 'node:readline';
const tool = (name) => ({ name, description: name + ' of the echo server', inputSchema: { type: 'object' } });
const answer = (id, result) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize') {
    answer(id, { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'echo', version: '1.0.0' } });
  } else if (method === 'tools/list') answer(id, { tools: [tool('echo'), tool('secret')] });
  else if (method === 'tools/call') {
    const result = { content: [{ type: 'text', text: JSON.stringify(params.arguments ?? {}) }] };
    setTimeout(() => answer(id, result), Math.random() * 3);
  } else process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'no' } }) + '\\n');
});
`;
