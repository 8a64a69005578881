import type { Methods, ResultOf } from '@ai-orchestrator/protocol';
import type { Output } from './output.js';
import { table } from './table.js';

/** Who would get something, of whom, and why. */
export type RoutingExplained = ResultOf<Methods['message.explain']>;

const WHY: Readonly<Record<NonNullable<RoutingExplained['rule']>, string>> = {
  agent: 'it was named',
  sticky: 'it had the conversation before',
  leastLoaded: 'of those that are there it has the least to do',
  waiting: 'nobody is there, and it has the least to do',
};

/** Who would get something, and what was found out about each agent that was looked at. */
export function routingText({ chosen, rule, candidates }: RoutingExplained, output: Output): string {
  const { style } = output;
  const decision =
    chosen === undefined
      ? style.yellow('nobody would get it')
      : `${style.bold(chosen)}${rule === undefined ? '' : `  ${style.dim(WHY[rule])}`}`;
  return candidates.length === 0 ? decision : `${decision}\n\n${candidatesText(candidates, output)}`;
}

/** The agents that were looked at, one a line. */
export function candidatesText(candidates: RoutingExplained['candidates'], output: Output): string {
  const { style } = output;
  return table(
    [{ title: 'agent' }, { title: 'fits' }, { title: 'load', align: 'right' }, { title: 'why', flexible: true }],
    candidates.map(({ agent, eligible, load, reasons }) => [
      style.bold(agent),
      style.state(eligible ? 'yes' : 'no'),
      String(load),
      reasons.join('; '),
    ]),
    output,
  );
}
