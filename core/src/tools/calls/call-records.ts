import { events, OrchestratorError } from '@ai-orchestrator/protocol';
import type { Principal } from '../../permissions/principal.js';
import { DAEMON } from '../../permissions/principal.js';
import type { EventDraft } from '../../store/record.js';
import type { JsonValue } from '../../store/store.js';
import { traceOf } from '../../timeline/timeline-keys.js';
import type { ToolReply, VisibleTool } from '../tools.js';
import type { Approval } from './approval-book.js';
import type { Denial } from './call-permits.js';
import type { PreparedTool } from './prepared-tools.js';
import type { RunningCall } from './running-call.js';

/** What a call came to. */
export type CallOutcome = 'ok' | 'failed' | 'inputRequired' | 'task' | 'providerError';

type Details = Record<string, JsonValue>;

/** What a reply of a provider is called. */
export function outcomeOf(reply: ToolReply): CallOutcome {
  switch (reply.kind) {
    case 'result':
      return reply.result.isError === true ? 'failed' : 'ok';
    case 'input_required':
      return 'inputRequired';
    case 'task':
      return 'task';
    case 'error':
      return 'providerError';
  }
}

/** What the caller is answered instead of a result. */
export function errorNameOf(error: unknown): string {
  return error instanceof OrchestratorError ? error.errorName : 'internal_error';
}

/** What records say of a tool, as members of a JSON object. */
export function toolText(tool: VisibleTool): string {
  return JSON.stringify(ofTool(tool)).slice(1, -1);
}

/** The record of a call that was allowed; made for each call, and so as text. */
export function toolCalled(
  call: RunningCall,
  { recordText }: PreparedTool,
  outcome: string,
  durationMs: number,
): EventDraft {
  const { caller, contextId, origin, resultHash, approvalId } = call;
  let text = `{"callId":"${call.callId}",${recordText},"arguments":"${call.argumentsHash}","outcome":"${outcome}","durationMs":${durationMs}`;
  if (resultHash !== undefined) text += `,"result":"${resultHash}"`;
  if (call.cached) text += ',"cached":true';
  if (approvalId !== undefined) text += `,"approvalId":${JSON.stringify(approvalId)}`;
  if (contextId !== undefined) text += `,"contextId":${JSON.stringify(contextId)}`;
  if (origin !== undefined) text += `,"causationId":${JSON.stringify(origin.id)}`;
  return {
    action: events.toolCalled.name,
    resource: `tool/${call.tool.name}`,
    principal: caller.id,
    outcome: outcome === 'ok' || outcome === 'inputRequired' || outcome === 'task' ? 'success' : 'failure',
    detailsText: `${text}}`,
    traceId: traceOf(call.traceparent),
  };
}

/** The record of a call that was refused. */
export function toolDenied(call: RunningCall, { reason, missing }: Denial): EventDraft {
  const { callId, visible, caller, contextId, argumentsHash } = call;
  const details: Details = { callId, ...ofTool(visible), reason, arguments: argumentsHash };
  if (missing !== undefined) details.missing = [...missing];
  if (contextId !== undefined) details.contextId = contextId;
  return denied(visible.definition.name, caller, details);
}

/** The record of calls of what the caller does not see. @param name as the caller wrote it */
export function hiddenToolCalled(name: string, caller: Principal, count: number): EventDraft {
  return denied(name, caller, { tool: name, reason: 'not_visible', count });
}

/** The record of somebody who would have approved their own call. */
export function ownCallApproved({ tool, argumentsHash }: Approval, by: Principal): EventDraft {
  return denied(tool.definition.name, by, { ...ofTool(tool), reason: 'own_call', arguments: argumentsHash });
}

/** The record of a call that waits for approval. */
export function approvalRequested(approval: Approval): EventDraft {
  return aboutApproval(events.toolApprovalRequested.name, approval, approval.caller);
}

/** The record of a decision. */
export function approvalDecided(approval: Approval, decision: 'approve' | 'deny', by: Principal): EventDraft {
  return aboutApproval(events.toolApprovalDecided.name, approval, by, { decision });
}

/** The record of a call that nobody decided on. */
export function approvalExpired(approval: Approval): EventDraft {
  return aboutApproval(events.toolApprovalExpired.name, approval, DAEMON);
}

/** The record of a call that an earlier daemon left open. @param details of the record that it was asked for with */
export function approvalLeftOpen(resource: string, details: NonNullable<EventDraft['details']>): EventDraft {
  const reason = 'nobody decided before it expired, or before the daemon ended';
  return {
    action: events.toolApprovalExpired.name,
    resource,
    principal: DAEMON.id,
    details: { ...details, reason },
  };
}

function aboutApproval(action: string, approval: Approval, principal: Principal, besides: Details = {}): EventDraft {
  const { id, tool, caller, argumentsHash, digest } = approval;
  const of = { approvalId: id, caller: caller.id, ...ofTool(tool), arguments: argumentsHash, digest };
  return {
    action,
    resource: `tool/${tool.definition.name}`,
    principal: principal.id,
    details: { ...of, ...besides },
  };
}

function denied(tool: string, { id }: Principal, details: Details): EventDraft {
  return {
    action: events.toolDenied.name,
    resource: `tool/${tool}`,
    principal: id,
    outcome: 'denied',
    details,
  };
}

function ofTool({ definition, hash, provider }: VisibleTool): Details {
  return { tool: definition.name, version: definition.version, definition: hash, provider };
}
