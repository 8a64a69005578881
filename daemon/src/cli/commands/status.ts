import type { ResultOf, daemonMethods } from '@ai-orchestrator/protocol';
import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import type { Output } from '../output.js';
import { bytesText, durationText } from '../time-text.js';
import { table } from '../table.js';

type DaemonStatus = ResultOf<typeof daemonMethods.daemonStatus>;

/** `orchestrator status` */
export function status(command: Command, context: Context): void {
  examples(connectionOptions(command), [
    { says: 'The daemon on this machine', line: 'orchestrator status' },
    { says: 'Whether every plugin started, for a script', line: "orchestrator status --json | jq '.plugins[].state'" },
  ]).action(async (options: ConnectionOptions) => {
    const answer = await withDaemon(context, options, (daemon) => daemon.call('daemon.status', {}));
    context.output.answer(answer, () => statusText(answer, context.output));
  });
}

function statusText(answer: DaemonStatus, output: Output): string {
  const { style } = output;
  const ready = answer.ready ? style.green('ready') : style.red('not ready');
  const agents = Object.entries(answer.agents)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${style.state(state)}`);
  const parts = [
    `${style.bold(`AI Orchestrator ${answer.version}`)}  ${ready}  ${style.dim(`up ${durationText(answer.uptimeMs)}`)}`,
    output.pairs([
      ['node', `${answer.node} ${style.dim(`(pid ${answer.pid})`)}`],
      ['listening', answer.listeners.map(({ url }) => url).join('\n')],
      ['data', answer.dataDirectory],
      ['agents', agents.length === 0 ? 'none' : agents.join(', ')],
      ['sessions', String(answer.sessions)],
      ['store', `${style.state(answer.store.state)}, revision ${answer.store.revision}`],
      ['journal', `${answer.journal.sequence} records`],
      ['memory', bytesText(answer.memoryBytes)],
      ['loop lag', `p50 ${answer.loopLagMs.p50.toFixed(1)} ms, p99 ${answer.loopLagMs.p99.toFixed(1)} ms`],
    ]),
    pluginTable(answer, output),
  ];
  const failing = answer.checks.filter((check) => !check.healthy);
  for (const { name, reason } of failing)
    parts.push(`${style.red('unhealthy')} ${name}: ${reason ?? 'no reason given'}`);
  return parts.join('\n\n');
}

function pluginTable(answer: DaemonStatus, output: Output): string {
  const columns = [
    { title: 'plugin' },
    { title: 'state' },
    { title: 'start', align: 'right' as const },
    { title: 'reason', flexible: true },
  ];
  const rows = answer.plugins.map((plugin) => [
    plugin.id,
    output.style.state(plugin.state),
    plugin.startMs === undefined ? '-' : durationText(plugin.startMs),
    plugin.reason ?? '',
  ]);
  return rows.length === 0 ? 'no plugins' : table(columns, rows, output);
}
