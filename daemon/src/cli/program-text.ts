import type { ResultOf, programMethods } from '@ai-orchestrator/protocol';
import type { Context } from './context.js';
import { relativeTime } from './time-text.js';
import { table } from './table.js';

/** A program that the daemon runs. */
export type ProgramStatus = ResultOf<typeof programMethods.programRestart>;

/** Programs as a table. */
export function programsText(programs: readonly ProgramStatus[], { output, now }: Context): string {
  if (programs.length === 0) return 'no programs: name some under "programs" in the configuration';
  return table(
    [
      { title: 'program' },
      { title: 'state' },
      { title: 'pid', align: 'right' },
      { title: 'started' },
      { title: 'restarts', align: 'right' },
      { title: 'last end' },
      { title: 'reason', flexible: true },
    ],
    programs.map((program) => [
      output.style.bold(program.name),
      output.style.state(program.state),
      program.pid === undefined ? '-' : String(program.pid),
      relativeTime(program.startedAt, now()),
      String(program.restarts),
      program.exit ?? '-',
      program.reason ?? '',
    ]),
    output,
  );
}
