import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { messagesReceipt } from './messages-receipt.js';

/** `orchestrator messages …` */
export function messages(command: Command, context: Context): void {
  messagesReceipt(subcommand(command, 'receipt', 'what became of a message'), context);
}
