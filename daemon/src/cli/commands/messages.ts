import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { messagesExplain } from './messages-explain.js';
import { messagesReceipt } from './messages-receipt.js';
import { messagesWatch } from './messages-watch.js';

/** `orchestrator messages …` */
export function messages(command: Command, context: Context): void {
  messagesReceipt(subcommand(command, 'receipt', 'what became of a message'), context);
  messagesWatch(subcommand(command, 'watch', 'what becomes of your messages, as it happens'), context);
  messagesExplain(subcommand(command, 'explain', 'who would get a message now, and why'), context);
}
