import { Type } from '../type.js';
import { method } from '../method.js';
import { AgentId, Done, Exactly } from '../schemas.js';

export const inboxOpen = method({
  name: 'inbox.open',
  summary: 'Take the messages of an agent on the connection that owns it, as message.handle calls.',
  permission: 'message:answer',
  params: Exactly({
    agentId: AgentId,
    window: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 1000, description: 'Messages that the agent works on at once.' }),
    ),
  }),
  result: Exactly({ window: Type.Integer() }),
  errors: ['agent_not_found', 'stale_epoch'],
});

export const inboxClose = method({
  name: 'inbox.close',
  summary: 'Take no more messages; those being worked on are still to be answered.',
  permission: 'message:answer',
  params: Exactly({ agentId: AgentId }),
  result: Done,
  errors: ['agent_not_found', 'stale_epoch'],
});

export const inboxGet = method({
  name: 'inbox.get',
  summary: "How full an agent's inbox is.",
  permission: 'message:answer',
  params: Exactly({ agentId: AgentId }),
  result: Exactly({
    agentId: AgentId,
    messages: Type.Integer({ description: 'All of them.' }),
    inFlight: Type.Integer({ description: 'Those that the agent is working on.' }),
    bytes: Type.Integer(),
    limits: Exactly({ messages: Type.Integer(), bytes: Type.Integer() }),
  }),
  errors: ['agent_not_found'],
});
