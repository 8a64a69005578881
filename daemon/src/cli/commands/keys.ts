import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { keysCreate } from './keys-create.js';
import { keysList } from './keys-list.js';
import { keysResetAdmin } from './keys-reset-admin.js';
import { keysRevoke } from './keys-revoke.js';
import { keysRotate } from './keys-rotate.js';

/** `orchestrator keys …` */
export function keys(command: Command, context: Context): void {
  keysCreate(subcommand(command, 'create', 'make an API key and print its secret, once'), context);
  keysList(subcommand(command, 'list', 'the API keys, without their secrets'), context);
  keysRotate(subcommand(command, 'rotate', 'give a key a new secret and print it, once'), context);
  keysRevoke(subcommand(command, 'revoke', 'end a key and the connections that use it'), context);
  keysResetAdmin(subcommand(command, 'reset-admin', 'replace a lost admin key while the daemon is stopped'), context);
}
