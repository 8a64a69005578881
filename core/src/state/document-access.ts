import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { AgentDirectory } from '../agents/agent-directory.js';
import type { Contexts } from '../contexts/contexts.js';
import type { Authorizer } from '../permissions/authorizer.js';
import type { Principal } from '../permissions/principal.js';
import { invalid } from './operation.js';

/** What is wanted of a document. */
export type Access = 'read' | 'write';

/** Whose document is meant: exactly one of them. */
export interface DocumentOf {
  readonly agentId?: string;
  readonly contextId?: string;
}

/** A document that a caller was found allowed to. */
export interface Admitted {
  readonly key: string;
  readonly of: DocumentOf;
  /** @throws OrchestratorError `context_closed` once it takes no more writes, in the turn of the loop in which one is stored */
  readonly expectOpen: () => void;
}

/**
 * Decides about documents. An agent's is read by those who may read the agent's state, and written by its owner and by who has
 * `state:admin` on it; a context's is read by who may read the context, and written by who speaks in it, while it is open.
 */
export class DocumentAccess {
  constructor(
    private readonly directory: AgentDirectory,
    private readonly contexts: Contexts,
    private readonly authorizer: Authorizer,
  ) {}

  /** @throws OrchestratorError `invalid_params`, `agent_not_found`, `not_found`, `permission_denied`, `context_closed` */
  async admit(
    { agentId, contextId }: DocumentOf,
    { principal }: { readonly principal: Principal },
    access: Access,
  ): Promise<Admitted> {
    if (agentId !== undefined && contextId === undefined) {
      this.#expectAgent(agentId, principal, access);
      return { key: `agent/${agentId}`, of: { agentId }, expectOpen: () => undefined };
    }
    if (contextId === undefined || agentId !== undefined) throw invalid('', 'must have either agentId or contextId');
    this.#expectRule(principal, access, contextId);
    if (access === 'write') {
      const context = await this.contexts.enter(contextId, principal);
      return { key: contextDocument(contextId), of: { contextId }, expectOpen: () => context.expectOpen() };
    }
    await this.contexts.expectReader(contextId, principal);
    return { key: contextDocument(contextId), of: { contextId }, expectOpen: () => undefined };
  }

  /** Whether somebody may read a document. */
  async reads(of: DocumentOf, principal: Principal): Promise<boolean> {
    try {
      await this.admit(of, { principal }, 'read');
      return true;
    } catch (error) {
      if (error instanceof OrchestratorError) return false;
      throw error;
    }
  }

  #expectAgent(agentId: string, principal: Principal, access: Access): void {
    const agent = this.directory.visible(principal, agentId, `state:${access}`);
    if (access === 'read' || agent.owner.id === principal.id) return;
    if (this.authorizer.authorize(principal, 'state:admin', agent.resource).allowed) return;
    throw denied('state:admin', agent.resource, `${agentId} belongs to another principal`);
  }

  /** What the access rules say of documents of contexts, whoever takes part. */
  #expectRule(principal: Principal, access: Access, contextId: string): void {
    const resource = `context/${contextId}`;
    if (this.authorizer.authorize(principal, `state:${access}`, resource).allowed) return;
    throw denied(`state:${access}`, resource, 'the access rules forbid it');
  }
}

/** Key of a context's document. */
export function contextDocument(contextId: string): string {
  return `context/${contextId}`;
}

function denied(permission: string, resource: string, why: string): OrchestratorError {
  return new OrchestratorError('permission_denied', why, { permission, resource });
}
