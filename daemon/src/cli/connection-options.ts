import type { Command } from 'commander';

/** Adds the options that say which daemon to talk to, and as whom; they are a `ConnectionOptions`. */
export function connectionOptions(command: Command): Command {
  return command
    .optionsGroup('Which daemon:')
    .option('--url <url>', 'address of the daemon; else ORCHESTRATOR_URL, else the one on this machine')
    .option('--token <key>', 'API key; else ORCHESTRATOR_TOKEN, else the admin key of the local daemon')
    .option('--data-dir <directory>', 'data directory of the local daemon; else ORCHESTRATOR_DATA_DIR')
    .optionsGroup('Options:');
}
