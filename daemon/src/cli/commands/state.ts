import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { stateGet } from './state-get.js';
import { stateHistory } from './state-history.js';
import { statePut } from './state-put.js';

/** `orchestrator state …` */
export function state(command: Command, context: Context): void {
  stateGet(subcommand(command, 'get', 'what an agent keeps'), context);
  statePut(subcommand(command, 'put', 'write one field'), context);
  stateHistory(subcommand(command, 'history', 'the last writes, latest first'), context);
}
