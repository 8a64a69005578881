import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Context } from './context.js';
import { revealed } from './revealed.js';
import { relativeTime } from './time-text.js';

type Approval = ResultOf<Methods['tool.approvals']>['entries'][number];

/** Calls that wait for somebody to approve them, each with its arguments. */
export function approvalsText(approvals: readonly Approval[], { output, now }: Context): string {
  if (approvals.length === 0) return 'no call waits for approval';
  const { style } = output;
  return approvals
    .map((approval) =>
      [
        output.pairs([
          ['approval', style.bold(approval.approvalId)],
          ['tool', `${approval.tool} ${approval.version} of ${approval.provider}`],
          ['caller', `${approval.caller}${approval.waiting ? '' : ', which no longer waits and has to call again'}`],
          ['asked', relativeTime(approval.requestedAt, now())],
          ['expires', relativeTime(approval.expiresAt, now())],
        ]),
        revealed(JSON.stringify(approval.arguments, undefined, 2)),
      ].join('\n'),
    )
    .join('\n\n');
}
