import type { Call, EventDraft, JsonValue } from '@ai-orchestrator/core/plugin';

/** What the journal is to have of what a call does, to be committed together with that. */
export function record(
  action: string,
  resource: string,
  details: Readonly<Record<string, JsonValue>>,
  { principal, traceparent }: Call,
): EventDraft {
  return {
    action,
    resource,
    principal: principal.id,
    details,
    ...(traceparent !== undefined && { traceId: traceparent.slice(3, 35) }),
  };
}
