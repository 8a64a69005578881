import type { Command } from 'commander';
import { resolve } from 'node:path';
import { defaultDataDirectory } from '../../data-directory.js';
import { CommandFailure } from '../command-failure.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';
import { storeFailure } from '../store-failure.js';
import { holdsStore, storePath } from '../store-path.js';
import { storeTools } from '../store-tools.js';

/** `orchestrator keys reset-admin` */
export function keysResetAdmin(command: Command, context: Context): void {
  command.option('--data-dir <directory>', 'data directory of the stopped daemon; else ORCHESTRATOR_DATA_DIR');
  examples(command, [
    {
      says: 'A new admin.key, where the old one was lost',
      line: 'orchestrator keys reset-admin --data-dir /var/lib/ai-orchestrator',
    },
  ]).action(async ({ dataDir }: { readonly dataDir?: string }) => {
    const { environment } = context;
    const named = dataDir ?? environment.ORCHESTRATOR_DATA_DIR;
    const directory = resolve(named ?? defaultDataDirectory(environment));
    if (!(await holdsStore(directory))) {
      throw new CommandFailure('not_found', `${directory} holds no store.`, 'Name the data directory with --data-dir.');
    }
    const { resetAdminKey } = await storeTools();
    try {
      const { path } = await resetAdminKey(await storePath(directory), directory);
      context.output.answer({ path }, () => path);
      context.output.note('The new admin key is in this file; the old one no longer works.');
    } catch (error) {
      throw storeFailure(error);
    }
  });
}
