import {
  JOURNAL_PREFIX,
  JournalChain,
  journalKey,
  type Finding,
  type VerifyReport,
} from '@ai-orchestrator/core/plugin';
import { checkTables } from './check-tables.js';
import type { Position } from './frame.js';
import type { Level } from './level.js';
import { damaged } from './level-error.js';
import type { SegmentLog } from './segment-log.js';
import { openStored } from './stored-value.js';

/** Findings in one report; what is past them is only counted. */
const MAX_FINDINGS = 100;
const RESTORE = 'Restore the data directory from a snapshot, or accept the loss with "orchestrator doctor --repair".';

/** Reads every entry, the whole journal chain, every table and the kept log; says what does not hold together. */
export async function verifyStore(
  level: Level,
  log: SegmentLog,
  position: Position,
  known: readonly Finding[],
): Promise<VerifyReport> {
  const findings: Finding[] = [...known];
  const add = (what: string, advice = RESTORE): void => {
    if (findings.length < MAX_FINDINGS) findings.push({ what, advice });
  };
  const chain = new JournalChain();
  let entries = 0;
  try {
    for await (const [key, stored] of level.iterator()) {
      if (key.startsWith('!')) continue;
      if (!key.startsWith(JOURNAL_PREFIX)) entries++;
      try {
        const { json } = openStored(key, stored);
        if (!key.startsWith(JOURNAL_PREFIX)) continue;
        const fault = chain.next(json);
        if (fault !== undefined) add(`journal record ${fault.sequence}: ${fault.detail}`);
        else if (key !== journalKey(chain.head.sequence))
          add(`journal record ${chain.head.sequence} is under the key "${key}"`);
      } catch (error) {
        add(error instanceof Error ? error.message : String(error));
      }
    }
    if (chain.head.sequence < position.sequence) {
      add(`the journal ends with record ${chain.head.sequence}; record ${position.sequence} was written`);
    }
  } catch (error) {
    const told = damaged(error);
    add(told instanceof Error ? told.message : String(told));
  }
  for (const what of await checkTables(level)) add(what);
  for (const what of await log.check()) add(what, 'The index has it; take a snapshot and check the disk.');
  return { healthy: findings.length === 0, entries, journalRecords: chain.records, findings };
}
