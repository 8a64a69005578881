import { Type } from '../type.js';
import { event } from '../event.js';
import { Exactly } from '../schemas.js';

const Sha256 = Type.String({ description: 'SHA-256, hex, of the canonical JSON.' });
const CallId = Type.String({ description: 'UUIDv7.' });

/** What of a tool is named in every record about it. */
const OfTool = {
  tool: Type.String(),
  version: Type.String(),
  definition: Sha256,
  provider: Type.String(),
};

export const toolCalled = event({
  name: 'tool.called',
  summary: 'A tool was called by who may call it, whatever came of it.',
  details: Exactly({
    callId: CallId,
    ...OfTool,
    arguments: Sha256,
    result: Type.Optional(Sha256),
    outcome: Type.String({
      description:
        'ok; failed: the tool says so itself; inputRequired, task; providerError: a protocol error of the provider; otherwise the name of the error that the caller was answered.',
    }),
    durationMs: Type.Integer(),
    cached: Type.Optional(Type.Boolean({ description: 'The result of an earlier call.' })),
    approvalId: Type.Optional(Type.String()),
    contextId: Type.Optional(Type.String()),
    causationId: Type.Optional(Type.String({ description: 'The message, task or call that it was made because of.' })),
  }),
});
export const toolDenied = event({
  name: 'tool.denied',
  summary: 'A call of a tool was refused, or somebody called what they may not see or what is not there.',
  details: Exactly({
    tool: Type.String(),
    reason: Type.String({
      description:
        'not_visible: it may not be seen, or there is none; not_callable, arguments, capability, not_approved; own_call: somebody would have approved their own call.',
    }),
    count: Type.Optional(Type.Integer({ description: 'Refusals that this record stands for; 1 unless said.' })),
    callId: Type.Optional(CallId),
    version: Type.Optional(OfTool.version),
    definition: Type.Optional(OfTool.definition),
    provider: Type.Optional(OfTool.provider),
    arguments: Type.Optional(Sha256),
    missing: Type.Optional(Type.Array(Type.String(), { description: 'Capabilities that were not given.' })),
    contextId: Type.Optional(Type.String()),
  }),
});

const OfApproval = { approvalId: Type.String(), caller: Type.String(), ...OfTool, arguments: Sha256, digest: Sha256 };

export const toolApprovalRequested = event({
  name: 'tool.approvalRequested',
  summary: 'A call waits for a human to approve it.',
  details: Exactly(OfApproval),
});
export const toolApprovalDecided = event({
  name: 'tool.approvalDecided',
  summary: 'Somebody approved a call, or denied it.',
  details: Exactly({ ...OfApproval, decision: Type.String() }),
});
export const toolApprovalExpired = event({
  name: 'tool.approvalExpired',
  summary: 'Nobody decided on a call in time, or before the daemon ended.',
  details: Exactly({
    ...OfApproval,
    reason: Type.Optional(Type.String({ description: 'Why nobody can any more, where its time was not over.' })),
  }),
});
