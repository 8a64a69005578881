import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { toolsApprovals } from './tools-approvals.js';
import { toolsApprove } from './tools-approve.js';
import { toolsCall } from './tools-call.js';
import { toolsDecide } from './tools-decide.js';
import { toolsDiff } from './tools-diff.js';
import { toolsList } from './tools-list.js';
import { toolsPending } from './tools-pending.js';
import { toolsReject } from './tools-reject.js';
import { toolsSearch } from './tools-search.js';
import { toolsShow } from './tools-show.js';

/** `orchestrator tools …` */
export function tools(command: Command, context: Context): void {
  toolsList(subcommand(command, 'list', 'the tools that you may use'), context);
  toolsSearch(subcommand(command, 'search', 'tools that fit some words'), context);
  toolsShow(subcommand(command, 'show', 'one tool with its schemas'), context);
  toolsCall(subcommand(command, 'call', 'call a tool and print what it answers'), context);
  toolsPending(subcommand(command, 'pending', 'definitions of tools that wait for approval'), context);
  toolsDiff(subcommand(command, 'diff', 'what a definition that waits changes'), context);
  toolsApprove(subcommand(command, 'approve', 'let a definition that waits be used'), context);
  toolsReject(subcommand(command, 'reject', 'refuse a definition that waits'), context);
  toolsApprovals(subcommand(command, 'approvals', 'calls that wait for somebody to approve them'), context);
  toolsDecide(subcommand(command, 'decide', 'approve or deny a call that waits'), context);
}
