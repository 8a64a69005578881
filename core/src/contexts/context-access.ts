import { OrchestratorError } from '@ai-orchestrator/protocol';
import { inject, injectable } from 'tsyringe';
import { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import type { Conversation } from './conversation.js';
import { notFound } from './conversations.js';
import { takesPartAs } from './participants.js';
import type { StoredParticipant } from './stored-context.js';

/** Who may do what in a context: who takes part, by its role; who has `context:admin` on it, everything but speak. Others learn nothing. */
@injectable()
export class ContextAccess {
  constructor(@inject(Authorizer) private readonly authorizer: Authorizer) {}

  /** Whether somebody may see everything of a context without taking part. */
  administers(principal: Principal, conversation?: Conversation): boolean {
    return this.authorizer.authorize(principal, 'context:admin', conversation?.resource).allowed;
  }

  /** Whether the access rules let somebody read a context at all. */
  mayRead(principal: Principal, resource: string): boolean {
    return this.authorizer.authorize(principal, 'context:read', resource).allowed;
  }

  /** Whether somebody may read a context. */
  reads(principal: Principal, conversation: Conversation): boolean {
    if (!this.mayRead(principal, conversation.resource)) return false;
    return takesPartAs(conversation.context, principal.id).length > 0 || this.administers(principal, conversation);
  }

  /** @throws OrchestratorError `not_found` for who may not read it */
  expectReader(principal: Principal, conversation: Conversation): void {
    if (!this.reads(principal, conversation)) notFound(conversation.id);
  }

  /** @throws OrchestratorError `not_found`; `permission_denied` for who takes part without leading */
  expectModerator(principal: Principal, conversation: Conversation): void {
    this.expectReader(principal, conversation);
    const leads = takesPartAs(conversation.context, principal.id).some(({ role }) => role === 'moderator');
    if (leads && this.authorizer.authorize(principal, 'context:use', conversation.resource).allowed) return;
    if (!this.administers(principal, conversation)) throw denied(conversation, 'only a moderator of it may do that');
  }

  /**
   * As whom a principal takes part.
   *
   * @param agentId which, where it takes part as several
   * @throws OrchestratorError `not_found`, `permission_denied`, `invalid_params` when it is not clear as whom
   */
  participant(principal: Principal, conversation: Conversation, agentId: string | undefined): StoredParticipant {
    this.expectReader(principal, conversation);
    if (!this.authorizer.authorize(principal, 'context:use', conversation.resource).allowed) {
      throw denied(conversation, 'the access rules forbid it');
    }
    const own = takesPartAs(conversation.context, principal.id);
    const named = own.find(({ agent }) => agent === agentId);
    const chosen = named ?? (agentId === undefined && own.length === 1 ? own[0] : undefined);
    if (chosen !== undefined) return chosen;
    if (agentId !== undefined || own.length === 0) {
      throw denied(
        conversation,
        agentId === undefined ? 'you do not take part in it' : `${agentId} does not take part`,
      );
    }
    const issues = [{ path: '/agentId', message: 'is needed: you take part by several agents' }];
    throw new OrchestratorError('invalid_params', '/agentId is needed: you take part by several agents', { issues });
  }

  /** As whom a principal speaks. @throws OrchestratorError as {@link ContextAccess.participant}; `permission_denied` for an observer */
  speaker(principal: Principal, conversation: Conversation, agentId: string | undefined): StoredParticipant {
    const participant = this.participant(principal, conversation, agentId);
    if (participant.role === 'observer') throw denied(conversation, 'an observer reads and does not speak');
    return participant;
  }
}

function denied({ resource, id }: Conversation, why: string): OrchestratorError {
  return new OrchestratorError('permission_denied', `${id}: ${why}`, { permission: 'context:use', resource });
}
