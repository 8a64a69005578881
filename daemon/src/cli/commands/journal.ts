import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { journalRead } from './journal-read.js';
import { journalVerify } from './journal-verify.js';

/** `orchestrator journal …` */
export function journal(command: Command, context: Context): void {
  journalRead(subcommand(command, 'read', 'records of the journal, oldest first'), context);
  journalVerify(subcommand(command, 'verify', 'check the hash chain of a journal, without a daemon'), context);
}
