import type { JournalVerdict } from '@ai-orchestrator/core/plugin';
import type { Command } from 'commander';
import { stat } from 'node:fs/promises';
import { CommandFailure } from '../command-failure.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { storePath } from '../store-path.js';
import { storeFailure } from '../store-failure.js';
import { storeTools } from '../store-tools.js';

/** `orchestrator journal verify` */
export function journalVerify(command: Command, context: Context): void {
  command.argument('<path>', 'data directory, snapshot, or file with one record a line');
  examples(command, [
    {
      says: 'A data directory whose daemon does not run',
      line: 'orchestrator journal verify /var/lib/ai-orchestrator',
    },
    {
      says: 'What somebody handed over, without trusting their daemon',
      line: 'orchestrator journal verify journal.ndjson',
    },
    {
      says: 'How such a file is made',
      line: "orchestrator journal read --limit 1000 --json | jq -c '.entries[]' > journal.ndjson",
    },
  ]).action(async (path: string) => {
    const verdict = await verified(path);
    const { output } = context;
    output.answer(verdict, () => verdictText(verdict, context));
    if (verdict.fault !== undefined) {
      const { sequence, detail } = verdict.fault;
      throw new CommandFailure(
        'findings',
        `The journal is not whole from record ${sequence} on: ${detail}.`,
        'Records before it are as they were written. Compare with a snapshot or an export to see what was there.',
      );
    }
  });
}

async function verified(path: string): Promise<JournalVerdict> {
  const info = await stat(path).catch((cause: unknown) => {
    throw new CommandFailure(
      'not_found',
      `${path} cannot be read: ${(cause as Error).message}.`,
      undefined,
      undefined,
      { cause },
    );
  });
  const { verifyJournal } = await storeTools();
  try {
    return await verifyJournal(info.isDirectory() ? await storePath(path) : path);
  } catch (error) {
    throw storeFailure(error);
  }
}

function verdictText({ valid, records, head, fault }: JournalVerdict, { output }: Context): string {
  const { style } = output;
  return output.pairs([
    ['journal', valid ? style.green('valid') : style.red('not whole')],
    ['records', String(records)],
    ['last record', head.sequence === 0 ? 'none' : `${head.sequence}, ${head.hash}`],
    ['first fault', fault && `record ${fault.sequence}: ${fault.problem}, ${fault.detail}`],
  ]);
}
