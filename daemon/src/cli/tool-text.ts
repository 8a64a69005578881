import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Context } from './context.js';
import type { Output } from './output.js';
import { revealed } from './revealed.js';
import { table } from './table.js';
import { relativeTime } from './time-text.js';

type Tool = ResultOf<Methods['tool.list']>['entries'][number];
type WholeTool = ResultOf<Methods['tool.get']>;
type Found = ResultOf<Methods['tool.search']>['entries'][number];
type Pending = ResultOf<Methods['tool.pending']>['entries'][number];
type Approval = ResultOf<Methods['tool.approvals']>['entries'][number];

/** Tools as a table. */
export function toolsText(tools: readonly Tool[], output: Output): string {
  if (tools.length === 0) return 'no tools that you may use';
  return table(
    [
      { title: 'tool' },
      { title: 'version' },
      { title: 'provider' },
      { title: 'kind' },
      { title: 'description', flexible: true },
    ],
    tools.map((tool) => [
      output.style.bold(tool.name),
      tool.version,
      tool.provider,
      kindOf(tool, output),
      firstLine(tool.title ?? tool.description),
    ]),
    output,
  );
}

/** What was found, as a table. */
export function foundText(tools: readonly Found[], output: Output): string {
  if (tools.length === 0) return 'nothing that you may use fits';
  return table(
    [{ title: 'tool' }, { title: 'version' }, { title: 'provider' }, { title: 'description', flexible: true }],
    tools.map(({ name, version, provider, title, description }) => [
      output.style.bold(name),
      version,
      provider,
      firstLine(title ?? description),
    ]),
    output,
  );
}

/** One tool with its schemas. */
export function toolText(tool: WholeTool, { output, now }: Context): string {
  const { style } = output;
  const { deprecated, limits, hints } = tool;
  const about = output.pairs([
    ['tool', style.bold(tool.name)],
    ['title', tool.title],
    ['version', [tool.version, ...tool.versions.filter((one) => one !== tool.version)].join(', ')],
    ['provider', tool.provider],
    ['kind', kindOf(tool, output)],
    [
      'deprecated',
      deprecated &&
        `${relativeTime(deprecated.at, now())}${deprecated.successor ? `; use ${deprecated.successor}` : ''}`,
    ],
    ['needs', tool.capabilities?.join(', ')],
    ['time limit', limits?.timeoutMs === undefined ? undefined : `${String(limits.timeoutMs)} ms`],
    ['costs', hints?.costUsd === undefined ? undefined : `about ${String(hints.costUsd)} USD`],
    ['hash', tool.hash],
  ]);
  const schema = (title: string, value: unknown) =>
    value === undefined ? [] : [`${style.dim(title)}\n${revealed(JSON.stringify(value, undefined, 2))}`];
  const described = tool.description === undefined ? [] : [revealed(tool.description)];
  return [about, ...described, ...schema('arguments', tool.inputSchema), ...schema('result', tool.outputSchema)].join(
    '\n\n',
  );
}

/** Definitions that wait for approval, as a table. */
export function pendingText(pending: readonly Pending[], { output, now }: Context): string {
  if (pending.length === 0) return 'nothing waits for approval';
  return table(
    [
      { title: 'tool' },
      { title: 'version' },
      { title: 'provider' },
      { title: 'why' },
      { title: 'since' },
      { title: 'rejected', flexible: true },
    ],
    pending.map(({ name, version, provider, why, since, rejected }) => [
      output.style.bold(name),
      version,
      provider,
      why,
      relativeTime(since, now()),
      rejected === undefined ? '' : `by ${rejected.by}${rejected.reason === undefined ? '' : `: ${rejected.reason}`}`,
    ]),
    output,
  );
}

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

function kindOf({ annotations = {}, deprecated }: Pick<Tool, 'annotations' | 'deprecated'>, { style }: Output): string {
  const kinds = [
    ...(annotations.destructiveHint === true ? [style.red('destructive')] : []),
    ...(annotations.readOnlyHint === true ? [style.green('read-only')] : []),
    ...(deprecated === undefined ? [] : [style.yellow('deprecated')]),
  ];
  return kinds.join(', ') || '-';
}

function firstLine(text = ''): string {
  return revealed(text.trim().split('\n', 1)[0] ?? '');
}
