import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { pluginNew } from './plugin-new.js';

/** `orchestrator plugin …` */
export function plugin(command: Command, context: Context): void {
  pluginNew(subcommand(command, 'new', 'write a plugin package that builds, passes its test and loads'), context);
}
