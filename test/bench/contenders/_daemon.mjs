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
export function daemon(port, { bench = true } = {}) {
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
  };
  writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
  return {
    cmd: process.execPath,
    args: [
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
