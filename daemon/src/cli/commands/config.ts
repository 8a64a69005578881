import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { configSchema } from './config-schema.js';
import { configShow } from './config-show.js';
import { configValidate } from './config-validate.js';

/** `orchestrator config …` */
export function config(command: Command, context: Context): void {
  configValidate(subcommand(command, 'validate', 'whether the daemon would accept the configuration'), context);
  configShow(subcommand(command, 'show', 'the values that hold, and where each comes from'), context);
  configSchema(subcommand(command, 'schema', 'the JSON Schema of the configuration file, for editors'), context);
}
