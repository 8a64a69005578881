import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { inboxList } from './inbox-list.js';
import { inboxShow } from './inbox-show.js';

/** `orchestrator inbox …` */
export function inbox(command: Command, context: Context): void {
  inboxShow(subcommand(command, 'show', 'how full the inbox of an agent is'), context);
  inboxList(subcommand(command, 'list', 'the messages in it, in the order in which they are delivered'), context);
}
