import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import { setTimeout as delay } from 'node:timers/promises';
import type { Connection } from './connection.js';

type McpStatus = ResultOf<Methods['mcp.status']>['servers'][number];

const LOOK_MS = 100;

/** An MCP server once it is ready or has been given up, or as it is when the time is over. */
export async function startedServer(daemon: Connection, name: string, timeoutMs: number): Promise<McpStatus> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const [status] = (await daemon.call('mcp.status', { name })).servers;
    if (status === undefined) throw new Error(`the daemon answered nothing about ${name}`);
    if (!['connecting', 'backoff'].includes(status.state) || performance.now() >= until) return status;
    await delay(LOOK_MS, undefined, { signal: daemon.signal });
  }
}
