import { OrchestratorError } from '@ai-orchestrator/protocol';
import type { toolCallMethods } from '@ai-orchestrator/protocol';
import type { Authorizer } from '../../permissions/authorizer.js';
import type { Principal } from '../../permissions/principal.js';
import type { Handlers } from '../../plugin/plugin.js';
import type { Effects } from '../../store/effects.js';
import type { Journal } from '../../store/journal.js';
import type { ToolAccess } from '../tool-access.js';
import type { Approval } from './approval-book.js';
import type { ApprovalPolicy } from './approval-policy.js';
import { noSuchApproval } from './approvals.js';
import type { Approvals } from './approvals.js';
import { ownCallApproved } from './call-records.js';

type Methods = Pick<typeof toolCallMethods, 'toolApprovals' | 'toolDecide'>;

const DEFAULT_LIMIT = 100;

/** What the methods about approvals stand on. */
export interface ApprovalHandlerGround {
  readonly approvals: Approvals;
  readonly access: Pick<ToolAccess, 'of'>;
  readonly authorizer: Pick<Authorizer, 'authorize'>;
  readonly approvalPolicy: ApprovalPolicy;
  readonly journal: Journal;
  readonly effects: Effects;
}

/** Answers the methods by which humans approve calls. Who may not see a tool, or not approve it, sees no calls of it. */
export function approvalHandlers(ground: ApprovalHandlerGround): Handlers<Methods> {
  const { approvals, access, authorizer, approvalPolicy, journal, effects } = ground;
  const sees = (principal: Principal, { tool }: Approval): boolean =>
    access.of(principal, tool).see &&
    authorizer.authorize(principal, 'tool:approve', `tool/${tool.definition.name}`).allowed;
  return {
    toolApprovals: ({ limit = DEFAULT_LIMIT }, { principal }) => ({
      entries: approvals
        .pending()
        .filter((approval) => sees(principal, approval))
        .slice(0, limit)
        .map(shown),
    }),
    toolDecide: (params, call) =>
      effects.perform(call, params, async () => {
        const { approvalId, decision, reason } = params;
        const approval = approvals.get(approvalId);
        if (approval === undefined || !sees(call.principal, approval)) throw noSuchApproval(approvalId);
        if (
          decision === 'approve' &&
          approval.caller.id === call.principal.id &&
          !approvalPolicy.ownCalls(approval.tool)
        ) {
          await journal.append([ownCallApproved(approval, call.principal)]);
          throw ownCall(approval);
        }
        await approvals.decide(approvalId, decision, call.principal, reason);
        return { approvalId, decision };
      }),
  };
}

function ownCall({ tool }: Approval): OrchestratorError {
  return new OrchestratorError('permission_denied', 'somebody else has to approve a call of your own', {
    permission: 'tool:approve',
    resource: `tool/${tool.definition.name}`,
  });
}

function shown(approval: Approval) {
  const { id, tool, caller, digest, requestedAt, expiresAt, waiting } = approval;
  const { name, version, title } = tool.definition;
  return {
    approvalId: id,
    tool: name,
    version,
    ...(title === undefined ? {} : { title }),
    provider: tool.provider,
    caller: caller.id,
    arguments: approval.arguments as { [member: string]: unknown },
    digest,
    requestedAt: new Date(requestedAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    waiting: waiting !== undefined,
  };
}
