import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { stateGet } from './state-get.js';
import { stateHistory } from './state-history.js';
import { statePatch } from './state-patch.js';
import { statePut } from './state-put.js';
import { stateWatch } from './state-watch.js';

/** `orchestrator state …` */
export function state(command: Command, context: Context): void {
  stateGet(subcommand(command, 'get', 'what an agent or a context keeps'), context);
  statePut(subcommand(command, 'put', 'write one field'), context);
  statePatch(subcommand(command, 'patch', 'change several fields, or parts of one'), context);
  stateWatch(subcommand(command, 'watch', 'follow the writes'), context);
  stateHistory(subcommand(command, 'history', 'the last writes, latest first'), context);
}
