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
  SkillId,
  Time,
  Traceparent,
  Version,
  VersionRange,
} from '../schemas.js';

/** Something an agent can be asked to do; the unit of routing. */
export const Skill = Exactly({
  id: SkillId,
  name: Type.Optional(Type.String({ maxLength: 128 })),
  description: Type.Optional(Type.String({ maxLength: 2048 })),
  version: Type.Optional(Version),
  tags: Type.Optional(Type.Array(Type.String({ maxLength: 64 }), { maxItems: 32 })),
  input: Type.Optional(Type.Unknown({ description: 'JSON Schema 2020-12 of the payload; no remote references.' })),
  output: Type.Optional(Type.Unknown({ description: 'JSON Schema 2020-12 of the answer; no remote references.' })),
});

/** What an agent says of itself. At most 64 KiB as JSON. */
export const AgentCard = Exactly({
  name: Type.String({ minLength: 1, maxLength: 128 }),
  description: Type.Optional(Type.String({ maxLength: 4096 })),
  version: Version,
  skills: Type.Array(Skill, { maxItems: 128 }),
  labels: Type.Optional(Labels),
});

/** Life cycle of an agent. */
export const AgentState = Type.Union([
  Type.Literal('registered'),
  Type.Literal('ready'),
  Type.Literal('busy'),
  Type.Literal('draining'),
  Type.Literal('suspended'),
  Type.Literal('offline'),
  Type.Literal('deregistered'),
]);

/** An agent as the registry knows it. */
export const AgentRecord = Exactly({
  agentId: AgentId,
  card: AgentCard,
  owner: Type.String({ description: 'Principal that registered it.' }),
  state: AgentState,
  epoch: Type.Integer({ description: 'Rises each time a session takes the agent over.' }),
  inFlight: Type.Integer({ description: 'Requests it is working on now.' }),
  registeredAt: Time,
  updatedAt: Time,
  leaseExpiresAt: Type.Optional(Time),
  reason: Type.Optional(Type.String({ description: 'Why it is suspended.' })),
});

export const agentRegister = method({
  name: 'agent.register',
  summary: 'Register an agent, or take it over on this connection; its card replaces the earlier one.',
  permission: 'agent:register',
  effect: true,
  params: Exactly({
    agentId: AgentId,
    card: AgentCard,
    state: Type.Optional(Type.Union([Type.Literal('registered'), Type.Literal('ready')], { default: 'ready' })),
    leaseMs: Type.Optional(
      Type.Integer({ minimum: 1000, maximum: 3_600_000, description: 'How long it may be gone before it is offline.' }),
    ),
    idempotencyKey: IdempotencyKey,
    traceparent: Traceparent,
  }),
  result: AgentRecord,
  errors: ['agent_id_taken', 'limit_exceeded', 'agent_unavailable'],
});

export const agentSetState = method({
  name: 'agent.setState',
  summary: 'Change the life cycle state of an agent that this connection owns.',
  permission: 'agent:register',
  effect: true,
  params: Exactly({
    agentId: AgentId,
    state: Type.Union([Type.Literal('ready'), Type.Literal('busy'), Type.Literal('draining')]),
    idempotencyKey: IdempotencyKey,
  }),
  result: AgentRecord,
  errors: ['agent_not_found', 'transition_refused', 'stale_epoch'],
});

export const agentHeartbeat = method({
  name: 'agent.heartbeat',
  summary: 'Renew the presence lease of an agent that this connection owns; every answered ping does so too.',
  permission: 'agent:register',
  params: Exactly({ agentId: AgentId }),
  result: Exactly({ epoch: Type.Integer(), leaseExpiresAt: Time }),
  errors: ['agent_not_found', 'stale_epoch'],
});

export const agentDeregister = method({
  name: 'agent.deregister',
  summary: 'Take an agent out of the registry; its id stays with its principal.',
  permission: 'agent:register',
  effect: true,
  params: Exactly({ agentId: AgentId, idempotencyKey: IdempotencyKey }),
  result: Done,
  errors: ['agent_not_found', 'stale_epoch'],
});

export const agentSuspend = method({
  name: 'agent.suspend',
  summary: 'Stop requests from reaching an agent until it is resumed.',
  permission: 'agent:admin',
  effect: true,
  params: Exactly({
    agentId: AgentId,
    reason: Type.Optional(Type.String({ maxLength: 512 })),
    idempotencyKey: IdempotencyKey,
  }),
  result: AgentRecord,
  errors: ['agent_not_found', 'transition_refused'],
});

export const agentResume = method({
  name: 'agent.resume',
  summary: 'Let requests reach a suspended agent again.',
  permission: 'agent:admin',
  effect: true,
  params: Exactly({ agentId: AgentId, idempotencyKey: IdempotencyKey }),
  result: AgentRecord,
  errors: ['agent_not_found', 'transition_refused'],
});

export const agentGet = method({
  name: 'agent.get',
  summary: 'One agent.',
  permission: 'agent:read',
  params: Exactly({ agentId: AgentId }),
  result: AgentRecord,
  errors: ['agent_not_found'],
});

export const agentList = method({
  name: 'agent.list',
  summary: 'Agents that the caller may see, by id; narrowed by skill, label, version range and state.',
  permission: 'agent:read',
  params: Exactly({
    skill: Type.Optional(SkillId),
    skillVersion: Type.Optional(VersionRange),
    version: Type.Optional(VersionRange),
    labels: Type.Optional(Labels),
    state: Type.Optional(AgentState),
    limit: Limit,
    cursor: Type.Optional(Cursor),
  }),
  result: Page(AgentRecord),
});

/** To the session that lost an agent: another session of the same principal registered it. */
export const agentReplaced = method({
  name: 'agent.replaced',
  summary: 'Another connection has taken this agent over.',
  permission: 'public',
  answeredBy: 'client',
  notification: true,
  params: Exactly({ agentId: AgentId, epoch: Type.Integer() }),
  result: Type.Null(),
});
