import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { contextsAppend } from './contexts-append.js';
import { contextsCreate } from './contexts-create.js';
import { contextsErase } from './contexts-erase.js';
import { contextsExport } from './contexts-export.js';
import { contextsList } from './contexts-list.js';
import { contextsRead } from './contexts-read.js';
import { contextsShow } from './contexts-show.js';

/** `orchestrator contexts …` */
export function contexts(command: Command, context: Context): void {
  contextsList(subcommand(command, 'list', 'the conversations that you take part in'), context);
  contextsShow(subcommand(command, 'show', 'who takes part in one, and whose turn it is'), context);
  contextsCreate(subcommand(command, 'create', 'begin a conversation'), context);
  contextsAppend(subcommand(command, 'append', 'say something in one'), context);
  contextsRead(subcommand(command, 'read', 'what was said in one'), context);
  contextsExport(subcommand(command, 'export', 'everything of one as JSON Lines'), context);
  contextsErase(subcommand(command, 'erase', 'delete all content of one, for good'), context);
}
