import { CommandFailure } from '../command-failure.js';
import { storeFailure } from '../store-failure.js';
import { holdsStore, storePath } from '../store-path.js';
import { storeTools } from '../store-tools.js';
import { fail, ok, type Finding } from './finding.js';
import { storeFindings } from './online.js';

/** Reads the whole store of a data directory that no daemon uses: every entry, the journal's chain, the log. */
export async function checkStore(directory: string): Promise<readonly Finding[]> {
  if (!(await holdsStore(directory))) return [ok('store', 'none yet')];
  const path = await storePath(directory);
  const { verifyStore } = await storeTools();
  try {
    return storeFindings(await verifyStore(path));
  } catch (error) {
    const failure = storeFailure(error);
    if (!(failure instanceof CommandFailure)) throw failure;
    const advice = `Run: orchestrator doctor --repair --data-dir ${directory} (it works on a copy), or restore a snapshot.`;
    return [fail('store', failure.message, failure.hint ?? advice)];
  }
}

/**
 * Repairs the store of a data directory that no daemon uses; the old files stay beside the new ones.
 *
 * @param stamp tells their names apart
 * @throws CommandFailure `not_found` when there is no store, `locked` while a daemon uses it, `storage` when nothing can be saved
 */
export async function repairStore(directory: string, stamp: string): Promise<readonly Finding[]> {
  if (!(await holdsStore(directory))) throw new CommandFailure('not_found', `There is no store in ${directory}.`);
  const { repair } = await storeTools();
  try {
    const { entries, journalRecords, findings, original } = await repair(await storePath(directory), stamp);
    return [
      ok('repair', `${entries} entries and ${journalRecords} journal records; the old files are in ${original}`),
      ...findings.map(({ what, advice }) => fail('store', what, advice)),
    ];
  } catch (error) {
    throw storeFailure(error);
  }
}
