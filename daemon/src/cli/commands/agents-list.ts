import type { ParamsOf, ResultOf, agentMethods } from '@ai-orchestrator/protocol';
import { Option, type Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { defined } from '../defined.js';
import { examples } from '../examples.js';
import { relativeTime } from '../time-text.js';
import { integer, labels } from '../values.js';
import { table } from '../table.js';

type AgentPage = ResultOf<typeof agentMethods.agentList>;
type AgentState = ParamsOf<typeof agentMethods.agentList>['state'];

const STATES = [
  'registered',
  'ready',
  'busy',
  'draining',
  'suspended',
  'offline',
  'deregistered',
] as const satisfies readonly AgentState[];

interface ListOptions extends ConnectionOptions {
  readonly skill?: string;
  readonly skillVersion?: string;
  readonly agentVersion?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly state?: AgentState;
  readonly limit: number;
  readonly cursor?: string;
}

/** `orchestrator agents list` */
export function agentsList(command: Command, context: Context): void {
  command
    .option('--skill <skill>', 'only agents that have a skill')
    .option('--skill-version <range>', 'and have it in this version, as npm writes ranges: ^1.2.0')
    .option('--agent-version <range>', 'only agents of this version')
    .option('--label <name=value>', 'only agents with a label; can be repeated', labels)
    .addOption(new Option('--state <state>', 'only agents in a state').choices(STATES))
    .option('--limit <count>', 'how many at most', integer(1, 1000), 100)
    .option('--cursor <cursor>', 'go on where an earlier list ended');
  examples(connectionOptions(command), [
    { says: 'Every agent', line: 'orchestrator agents list' },
    {
      says: 'Who can translate, and is ready for it',
      line: 'orchestrator agents list --skill translate --state ready',
    },
    { says: 'Their ids, for a script', line: "orchestrator agents list --json | jq -r '.entries[].agentId'" },
  ]).action(async (options: ListOptions) => {
    const { skill, skillVersion, agentVersion: version, label, state, limit, cursor } = options;
    const params = { limit, ...defined({ skill, skillVersion, version, labels: label, state, cursor }) };
    const page = await withDaemon(context, options, (daemon) => daemon.call('agent.list', params));
    context.output.answer(page, () => listText(page, context));
    if (page.cursor !== undefined) context.output.note(`There are more: --cursor ${page.cursor}`);
  });
}

function listText(page: AgentPage, { output, now }: Context): string {
  if (page.entries.length === 0) return 'no agents';
  return table(
    [
      { title: 'agent' },
      { title: 'state' },
      { title: 'skills', flexible: true },
      { title: 'version' },
      { title: 'in flight', align: 'right' },
      { title: 'changed' },
    ],
    page.entries.map((agent) => [
      output.style.bold(agent.agentId),
      output.style.state(agent.state),
      agent.card.skills.map((skill) => skill.id).join(', ') || '-',
      agent.card.version,
      String(agent.inFlight),
      relativeTime(agent.updatedAt, now()),
    ]),
    output,
  );
}
