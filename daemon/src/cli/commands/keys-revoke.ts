import type { Command } from 'commander';
import type { ConnectionOptions } from '../address.js';
import { connectionOptions } from '../connection-options.js';
import { withDaemon } from '../connection.js';
import type { Context } from '../context.js';
import { examples } from '../examples.js';

/** `orchestrator keys revoke` */
export function keysRevoke(command: Command, context: Context): void {
  command.argument('<key>', 'id of the key, as "keys list" shows it');
  examples(connectionOptions(command), [
    { says: 'End a key; connections that use it are closed', line: 'orchestrator keys revoke KEY' },
  ]).action(async (keyId: string, options: ConnectionOptions) => {
    const done = await withDaemon(context, options, (daemon) => daemon.call('key.revoke', { keyId }));
    context.output.answer(done, () => `revoked ${keyId}`);
  });
}
