import type { ResultOf, agentMethods } from '@ai-orchestrator/protocol';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { relativeTime } from '../time-text.js';
import { table } from '../table.js';

type AgentRecord = ResultOf<typeof agentMethods.agentGet>;

/** `orchestrator agents show` */
export function agentsShow(command: Command, context: Context): void {
  examples(connectionOptions(command.argument('<agent>', 'id of the agent')), [
    { says: 'What an agent can do, and how it is', line: 'orchestrator agents show echo' },
    { says: 'Its card alone', line: 'orchestrator agents show echo --json | jq .card' },
  ]).action(async (agentId: string, options: ConnectionOptions) => {
    const agent = await withDaemon(context, options, (daemon) => daemon.call('agent.get', { agentId }));
    context.output.answer(agent, () => agentText(agent, context));
  });
}

function agentText(agent: AgentRecord, { output, now }: Context): string {
  const { style } = output;
  const { card } = agent;
  const labels = Object.entries(card.labels ?? {}).map(([name, value]) => `${name}=${value}`);
  const parts = [
    `${style.bold(agent.agentId)}  ${style.state(agent.state)}${agent.reason === undefined ? '' : `  ${agent.reason}`}`,
    output.pairs([
      ['name', `${card.name} ${card.version}`],
      ['about', card.description],
      ['owner', agent.owner],
      ['epoch', String(agent.epoch)],
      ['in flight', String(agent.inFlight)],
      ['labels', labels.length === 0 ? undefined : labels.join(', ')],
      ['registered', relativeTime(agent.registeredAt, now())],
      ['changed', relativeTime(agent.updatedAt, now())],
      ['lease ends', agent.leaseExpiresAt === undefined ? undefined : relativeTime(agent.leaseExpiresAt, now())],
    ]),
  ];
  if (card.skills.length > 0) {
    const columns = [{ title: 'skill' }, { title: 'version' }, { title: 'about', flexible: true }];
    const rows = card.skills.map((skill) => [skill.id, skill.version ?? '-', skill.description ?? skill.name ?? '']);
    parts.push(table(columns, rows, output));
  }
  return parts.join('\n\n');
}
