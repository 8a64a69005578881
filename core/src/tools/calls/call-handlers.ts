import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { HandlerParamsOf, ResultOf, toolCallMethods } from '@ai-orchestrator/protocol';
import type { Clock } from '../../host/time.js';
import type { Ancestor } from '../../messages/lineage.js';
import type { Authorizer } from '../../permissions/authorizer.js';
import type { Handlers } from '../../plugin/plugin.js';
import type { Call } from '../../rpc/call.js';
import type { Session } from '../../rpc/session.js';
import type { ToolAccess } from '../tool-access.js';
import type { ToolExchange, ToolReply, JsonObject } from '../tools.js';
import type { RunningCall } from './running-call.js';
import type { Called, ToolCalls } from './tool-calls.js';

type CallParams = HandlerParamsOf<typeof toolCallMethods.toolCall>;
type CallResult = ResultOf<typeof toolCallMethods.toolCall>;
type Methods = Pick<typeof toolCallMethods, 'toolCall' | 'toolCancel' | 'toolCalls'>;

const DEFAULT_LIMIT = 100;

/** What the methods about calls stand on. */
export interface CallHandlerGround {
  readonly calls: ToolCalls;
  readonly access: Pick<ToolAccess, 'of'>;
  readonly authorizer: Authorizer;
  readonly clock: Clock;
  /** What a connection is at. @throws OrchestratorError `not_found`, `hop_limit` */
  readonly parentOf: (id: string, session: Session | undefined) => Ancestor;
}

/** Answers the methods by which clients call tools. */
export function callHandlers({ calls, access, authorizer, clock, parentOf }: CallHandlerGround): Handlers<Methods> {
  const isAdmin = (call: Call): boolean => authorizer.authorize(call.principal, 'tool:admin').allowed;
  return {
    async toolCall(params, call) {
      const { name, version, arguments: args = {}, timeoutMs, contextId, parentId, idempotencyKey } = params;
      const traceparent = params.traceparent ?? call.traceparent;
      let running: RunningCall | undefined;
      const called = await calls.call(
        call.principal,
        {
          name,
          arguments: args as JsonObject,
          exchange: exchangeOf(params, call, () => running),
          ...(version === undefined ? {} : { version }),
          ...(timeoutMs === undefined ? {} : { timeoutMs }),
          ...(contextId === undefined ? {} : { contextId }),
          ...(traceparent === undefined ? {} : { traceparent }),
          ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        },
        {
          origin: parentId === undefined ? undefined : parentOf(parentId, call.session),
          onStart(started) {
            running = started;
            call.onCancel((reason) => started.cancel(reason));
          },
        },
      );
      return resultOf(called);
    },
    toolCancel({ callId, reason = 'canceled' }, call) {
      const running = calls.find(callId);
      if (running === undefined || (running.caller.id !== call.principal.id && !isAdmin(call))) {
        throw new OrchestratorError('not_found', 'no call of yours with this id is under way', {
          resource: `tool-call/${callId}`,
        });
      }
      running.cancel(reason);
      return { done: true };
    },
    toolCalls({ limit = DEFAULT_LIMIT }, call) {
      const all = isAdmin(call);
      const seen = calls
        .running()
        .filter(
          ({ caller, visible }) => caller.id === call.principal.id || (all && access.of(call.principal, visible).see),
        );
      const now = clock.monotonicMs();
      return {
        entries: seen.slice(0, limit).map(({ callId, tool, visible, caller, state, startedMs }) => ({
          callId,
          tool: tool.name,
          version: tool.version,
          provider: visible.provider,
          caller: caller.id,
          state,
          runningMs: Math.round(now - startedMs),
        })),
        total: seen.length,
      };
    },
  };
}

/** What can flow between a provider and a client that called by JSON-RPC: how far it is, and round trips that go on. */
function exchangeOf(
  { progress, inputResponses, requestState }: CallParams,
  { session, id }: Call,
  running: () => RunningCall | undefined,
): ToolExchange {
  const goesOn = inputResponses !== undefined || requestState !== undefined;
  if (progress !== true && !goesOn) return NOTHING;
  let last = -Infinity;
  return {
    ...(goesOn ? { continuation: { inputResponses, requestState } as NonNullable<ToolExchange['continuation']> } : {}),
    ...(progress === true && session !== undefined && id !== undefined
      ? {
          progress: (told) => {
            // [MCP 2025-11-25, Progress: the value MUST increase with each notification]
            const now = running();
            if (now === undefined || now.recorded || told.progress <= last) return;
            last = told.progress;
            session.notify('tool.progressed', { requestId: id, callId: now.callId, ...told });
          },
        }
      : {}),
  };
}

function resultOf({ callId, reply }: Called): CallResult {
  switch (reply.kind) {
    case 'result':
      return { callId, kind: 'result', result: reply.result as never };
    case 'input_required':
      return { callId, ...reply };
    case 'task':
      return { callId, kind: 'task', task: reply.task };
    case 'error':
      throw providerFailed(callId, reply);
  }
}

function providerFailed(
  callId: string,
  { code, message, data }: ToolReply & { readonly kind: 'error' },
): OrchestratorError {
  const providerError = { code, message, ...(data === undefined ? {} : { data }) };
  return new OrchestratorError('tool_failed', message, { callId, providerError });
}

const NOTHING: ToolExchange = {};
