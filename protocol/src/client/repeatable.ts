import type { MethodName } from '../methods/index.js';

/**
 * Methods that only read, or do no more when sent twice: a call of one that was sent when the connection broke is sent again on the next. A test holds this list
 * against the declarations; the list stands here because the declarations need a library that a browser does not have.
 */
const READS = new Set<string>([
  'agent.get',
  'agent.list',
  'context.export',
  'context.get',
  'context.list',
  'context.read',
  'daemon.ping',
  'daemon.status',
  'deadLetter.list',
  'deadLetter.show',
  'inbox.get',
  'inbox.list',
  'journal.read',
  'key.list',
  'mcp.list',
  'mcp.logs',
  'mcp.status',
  'message.explain',
  'message.extend',
  'message.receipt',
  'program.list',
  'program.logs',
  'rpc.discover',
  'session.get',
  'session.list',
  'state.get',
  'state.history',
  'state.list',
  'state.sync',
  'store.verify',
  'task.artifact',
  'task.explain',
  'task.get',
  'task.heartbeat',
  'task.list',
  'task.readArtifact',
  'timeline.get',
  'tool.approvals',
  'tool.calls',
  'tool.diff',
  'tool.get',
  'tool.list',
  'tool.pending',
  'tool.providers',
  'tool.search',
] satisfies MethodName[]);

/** Whether sending a call twice is the same as sending it once. */
export function isRepeatable(method: string, params: object): boolean {
  return READS.has(method) || ('idempotencyKey' in params && typeof params.idempotencyKey === 'string');
}
