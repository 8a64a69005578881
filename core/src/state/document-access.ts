import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { AgentDirectory } from '../agents/agent-directory.js';
import type { Authorizer } from '../permissions/authorizer.js';
import type { Call } from '../rpc/call.js';

/** What is wanted of a document. */
export type Access = 'read' | 'write';

/**
 * Decides about the documents of one kind.
 *
 * @throws OrchestratorError when there is none with this id, or the caller may not
 */
export type CheckAccess = (id: string, call: Call, access: Access) => void;

/** An agent's document is read by those who may read the agent's state, and written by its owner and by who has `state:admin` on it. */
export function agentDocuments(directory: AgentDirectory, authorizer: Authorizer): CheckAccess {
  return (id, { principal }, access) => {
    const agent = directory.visible(principal, id, access === 'read' ? 'state:read' : 'state:write');
    if (access === 'read' || agent.owner.id === principal.id) return;
    const decision = authorizer.authorize(principal, 'state:admin', agent.resource);
    if (decision.allowed) return;
    throw new OrchestratorError('permission_denied', `${id} belongs to another principal`, {
      permission: 'state:admin',
      resource: agent.resource,
    });
  };
}
