import type { Command } from 'commander';
import { CommandFailure } from '../command-failure.js';
import { configurationOptions } from '../configuration.js';
import type { Context } from '../context.js';
import { examine, type ExamineOptions } from '../doctor/examine.js';
import type { Finding } from '../doctor/finding.js';
import { examples } from '../examples.js';
import { printable } from '../printable.js';

const VERDICT_WIDTH = 8;
const CHECK_WIDTH = 18;

/** `orchestrator doctor` */
export function doctor(command: Command, context: Context): void {
  configurationOptions(command)
    .option('--repair', 'first repair the store of a daemon that does not run; on a copy, the old files stay')
    .option('--url <url>', 'ask a daemon elsewhere; only what it knows of itself is checked')
    .option('--token <key>', 'API key for it; else ORCHESTRATOR_TOKEN, else the admin key of the local daemon');
  examples(command, [
    { says: 'This machine: the running daemon, or what would keep it from starting', line: 'orchestrator doctor' },
    { says: 'A data directory that does not open', line: 'orchestrator doctor --data-dir /var/lib/ai-orchestrator' },
    {
      says: 'What failed, for a script',
      line: `orchestrator doctor --json | jq '.findings[] | select(.verdict == "fail")'`,
    },
  ]).action(async (options: ExamineOptions) => {
    const { output } = context;
    const findings: Finding[] = [];
    for await (const finding of examine(options, context)) {
      findings.push(finding);
      if (!output.json) output.entry(finding, () => findingText(finding, context));
    }
    const count = (verdict: Finding['verdict']) => findings.filter((finding) => finding.verdict === verdict).length;
    const failed = count('fail');
    if (output.json) output.answer({ healthy: failed === 0, findings }, () => '');
    if (failed > 0) {
      throw new CommandFailure(
        'findings',
        `${failed} of ${findings.length} checks failed, ${count('warn')} to look at.`,
      );
    }
    output.note(
      `${findings.length} checks, nothing failed${count('warn') > 0 ? `, ${count('warn')} to look at` : ''}.`,
    );
  });
}

function findingText({ check, verdict, found, advice }: Finding, { output }: Context): string {
  const word = verdict === 'fail' ? 'failed' : verdict;
  const indent = ' '.repeat(VERDICT_WIDTH + CHECK_WIDTH);
  const told = printable(found).replaceAll('\n', `\n${indent}`);
  const line = output.style.state(word) + ' '.repeat(VERDICT_WIDTH - word.length) + check.padEnd(CHECK_WIDTH) + told;
  return advice === undefined ? line : `${line}\n${indent}${output.style.cyan(printable(advice))}`;
}
