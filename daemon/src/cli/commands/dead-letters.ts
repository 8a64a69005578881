import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { deadLettersDiscard } from './dead-letters-discard.js';
import { deadLettersList } from './dead-letters-list.js';
import { deadLettersRedeliver } from './dead-letters-redeliver.js';
import { deadLettersShow } from './dead-letters-show.js';

/** `orchestrator dead-letters …` */
export function deadLetters(command: Command, context: Context): void {
  deadLettersList(subcommand(command, 'list', 'what nobody could handle, oldest first'), context);
  deadLettersShow(subcommand(command, 'show', 'one dead letter with its payload'), context);
  deadLettersRedeliver(subcommand(command, 'redeliver', 'send it once more, under a new id'), context);
  deadLettersDiscard(subcommand(command, 'discard', 'give it up'), context);
}
