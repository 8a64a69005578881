import type { SessionRegistry } from '@ai-orchestrator/core';
import type { HttpListener } from './http/http-listener.js';

/**
 * Stops taking connections, tells every client that the daemon is going away, and waits for the calls in flight, at most until the
 * deadline.
 */
export async function drain(options: {
  readonly http: HttpListener;
  readonly sessions: SessionRegistry;
  readonly reason: string;
  readonly deadlineMs: number;
}): Promise<void> {
  const { http, sessions, reason, deadlineMs } = options;
  http.stopListening();
  await Promise.all([sessions.drain(reason, deadlineMs), http.drain(deadlineMs)]);
}
