import { Type } from '../type.js';
import { method } from '../method.js';
import {
  AgentId,
  Cursor,
  Done,
  Exactly,
  IdempotencyKey,
  Labels,
  Limit,
  Page,
  PrincipalId,
  Time,
  Traceparent,
  Uuid,
  Version,
  VersionRange,
  ContextId,
} from '../schemas.js';

/** A tool's name: 1 to 128 ASCII letters, digits, `_`, `-`, `.`, `/`. */
export const ToolName = Type.String({
  pattern: '^[A-Za-z0-9_.\\-/]+$',
  minLength: 1,
  maxLength: 128,
  description: 'Name of a tool.',
});
/** A provider's id, for example `mcp/github` or `agent/echo`. */
export const ToolProviderId = Type.String({ minLength: 1, maxLength: 160, description: 'For example mcp/github.' });
/** A set of tools of the configuration. */
export const ToolSetName = Type.String({
  pattern: '^[a-z][a-z0-9-]*$',
  minLength: 1,
  maxLength: 64,
  description: 'Only tools of this set of the configuration.',
});
const DefinitionHash = Type.String({
  pattern: '^[0-9a-f]{64}$',
  description: 'SHA-256, hex, of the definition as canonical JSON [RFC 8785].',
});
const JsonObject = (description: string) => Type.Unsafe<Record<string, unknown>>({ type: 'object', description });
const Milliseconds = Type.Integer({ minimum: 0, maximum: 86_400_000 });

const Described = {
  name: ToolName,
  version: Version,
  title: Type.Optional(Type.String({ maxLength: 256 })),
  description: Type.Optional(Type.String({ maxLength: 65_536 })),
  inputSchema: JsonObject(
    'JSON Schema 2020-12, or draft-07 where $schema says so, of an object; local references only.',
  ),
  outputSchema: Type.Optional(JsonObject('JSON Schema of structuredContent.')),
  annotations: Type.Optional(
    JsonObject('Of MCP: readOnlyHint, destructiveHint, idempotentHint, openWorldHint, title.'),
  ),
  meta: Type.Optional(JsonObject('Handed on unchanged: _meta, icons, execution of MCP.')),
  labels: Type.Optional(Labels),
  capabilities: Type.Optional(
    Type.Array(Type.String({ maxLength: 128 }), {
      maxItems: 32,
      description: 'What it needs: network, files, secrets, spend, or names such as secrets:github.',
    }),
  ),
  hints: Type.Optional(
    Exactly({ costUsd: Type.Optional(Type.Number({ minimum: 0 })), timeMs: Type.Optional(Milliseconds) }),
  ),
  pure: Type.Optional(Exactly({ ttlMs: Milliseconds }, { description: 'Results may be kept so long.' })),
  limits: Type.Optional(
    Exactly({
      timeoutMs: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400_000 })),
      concurrent: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
      concurrentPerCaller: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    }),
  ),
};

/** A tool as its provider describes it. */
export const ToolDefinition = Exactly(Described);

const Standing = {
  provider: ToolProviderId,
  hash: DefinitionHash,
  deprecated: Type.Optional(Exactly({ at: Time, successor: Type.Optional(Type.String()) })),
};

/** A tool as who may see it sees it. */
export const ToolView = Exactly({ ...Described, ...Standing });

const Pending = {
  name: ToolName,
  version: Version,
  provider: ToolProviderId,
  hash: DefinitionHash,
  why: Type.Union([Type.Literal('new'), Type.Literal('changed'), Type.Literal('version'), Type.Literal('renamed')], {
    description:
      'new: nothing of its name is approved. changed: another definition of the version is. version: other versions are. renamed: its provider offers it in place of a name that is.',
  }),
  since: Time,
  approved: Type.Optional({ ...DefinitionHash, description: 'What is approved and keeps working.' }),
  rejected: Type.Optional(Exactly({ at: Time, by: PrincipalId, reason: Type.Optional(Type.String()) })),
};

export const toolRegister = method({
  name: 'tool.register',
  summary:
    'Offer tools of an agent that this connection owns, instead of all that it offered before. New names are approved on first use unless the configuration says otherwise; a changed definition waits for approval while the approved one keeps working.',
  permission: 'tool:register',
  effect: true,
  params: Exactly({
    agentId: AgentId,
    tools: Type.Array(ToolDefinition, { maxItems: 256 }),
    idempotencyKey: IdempotencyKey,
    traceparent: Traceparent,
  }),
  result: Exactly({
    approved: Type.Array(ToolName, { description: 'Can be called as they were offered.' }),
    pending: Type.Array(ToolName, { description: 'Wait for approval in a version at least.' }),
    refused: Type.Array(Exactly({ name: Type.String(), version: Type.String(), reason: Type.String() })),
  }),
  errors: ['agent_not_found', 'stale_epoch', 'limit_exceeded', 'too_many_pending'],
});

export const toolList = method({
  name: 'tool.list',
  summary: 'Tools that the caller may see, the newest version of each, by name.',
  permission: 'tool:read',
  params: Exactly({
    set: Type.Optional(ToolSetName),
    provider: Type.Optional(ToolProviderId),
    labels: Type.Optional(Labels),
    limit: Limit,
    cursor: Type.Optional(Cursor),
  }),
  result: Page(ToolView),
});

export const toolGet = method({
  name: 'tool.get',
  summary: 'One tool, the newest version in a range.',
  permission: 'tool:read',
  params: Exactly({ name: ToolName, version: Type.Optional(VersionRange), set: Type.Optional(ToolSetName) }),
  result: Exactly({ ...Described, ...Standing, versions: Type.Array(Version, { description: 'The newest first.' }) }),
  errors: ['not_found'],
});

export const toolSearch = method({
  name: 'tool.search',
  summary: 'Tools that the caller may see, those first that fit the words best.',
  permission: 'tool:read',
  params: Exactly({
    query: Type.String({ minLength: 1, maxLength: 256 }),
    set: Type.Optional(ToolSetName),
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100, default: 20 })),
  }),
  result: Exactly({
    entries: Type.Array(
      Exactly({
        name: ToolName,
        version: Version,
        provider: ToolProviderId,
        title: Type.Optional(Type.String()),
        description: Type.Optional(Type.String()),
      }),
    ),
  }),
});

export const toolDeprecate = method({
  name: 'tool.deprecate',
  summary: 'Say that versions of a tool are not to be used from a date on; for who registered them, or has tool:admin.',
  permission: 'tool:register',
  effect: true,
  params: Exactly({
    name: ToolName,
    version: Type.Optional(VersionRange),
    at: Time,
    successor: Type.Optional(Type.String({ minLength: 1, maxLength: 200, description: 'What to use instead.' })),
    idempotencyKey: IdempotencyKey,
  }),
  result: Done,
  errors: ['not_found', 'permission_denied'],
});

export const toolRemove = method({
  name: 'tool.remove',
  summary:
    'Forget versions of a tool that nobody offers, with their approval; who registered them and may not approve them only withdraws them.',
  permission: 'tool:register',
  effect: true,
  params: Exactly({ name: ToolName, version: Type.Optional(VersionRange), idempotencyKey: IdempotencyKey }),
  result: Done,
  errors: ['not_found', 'permission_denied', 'conflict'],
});

export const toolPending = method({
  name: 'tool.pending',
  summary: 'Definitions of tools that wait for approval, or were rejected and are still offered.',
  permission: 'tool:approve',
  params: Exactly({
    provider: Type.Optional(ToolProviderId),
    limit: Limit,
    cursor: Type.Optional(Cursor),
  }),
  result: Page(Exactly(Pending)),
});

export const toolDiff = method({
  name: 'tool.diff',
  summary: 'What a definition that waits changes, field by field.',
  permission: 'tool:approve',
  params: Exactly({ name: ToolName, version: Version }),
  result: Exactly({
    ...Pending,
    approvedName: Type.Optional({ ...ToolName, description: 'Tool that it is compared with.' }),
    approvedVersion: Type.Optional({ ...Version, description: 'Version that it is compared with.' }),
    changes: Type.Array(
      Exactly({
        path: Type.String({ description: 'JSON Pointer into the definition.' }),
        before: Type.Optional(Type.Unknown()),
        after: Type.Optional(Type.Unknown()),
      }),
    ),
    truncated: Type.Optional(Type.Boolean()),
  }),
  errors: ['not_found'],
});

const Decision = { name: ToolName, version: Version, hash: DefinitionHash };

export const toolApprove = method({
  name: 'tool.approve',
  summary: 'Approve the definition that waits; its hash says that it is the one that was looked at.',
  permission: 'tool:approve',
  effect: true,
  params: Exactly({ ...Decision, idempotencyKey: IdempotencyKey }),
  result: Done,
  errors: ['not_found', 'conflict'],
});

export const toolReject = method({
  name: 'tool.reject',
  summary: 'Refuse the definition that waits; what is approved keeps working.',
  permission: 'tool:approve',
  effect: true,
  params: Exactly({
    ...Decision,
    reason: Type.Optional(Type.String({ maxLength: 512 })),
    idempotencyKey: IdempotencyKey,
  }),
  result: Done,
  errors: ['not_found', 'conflict'],
});

/** To an agent: a call of one of its tools. */
export const toolInvoke = method({
  name: 'tool.invoke',
  summary: "Run one of the agent's tools; answers in the shape of MCP's CallToolResult.",
  permission: 'public',
  answeredBy: 'client',
  params: Exactly({
    agentId: AgentId,
    callId: Uuid,
    name: ToolName,
    version: Version,
    arguments: JsonObject('Valid under the approved inputSchema.'),
    caller: PrincipalId,
    deadline: Time,
    contextId: Type.Optional(ContextId),
    traceparent: Traceparent,
  }),
  result: Exactly({
    content: Type.Array(Type.Unknown()),
    structuredContent: Type.Optional(Type.Unknown()),
    isError: Type.Optional(Type.Boolean()),
    _meta: Type.Optional(JsonObject('Handed on unchanged.')),
  }),
});
