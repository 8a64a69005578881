import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { toolsApprovals } from './tools-approvals.js';
import { toolsCall } from './tools-call.js';
import { toolsDecide } from './tools-decide.js';

/** `orchestrator tools …` */
export function tools(command: Command, context: Context): void {
  toolsCall(subcommand(command, 'call', 'call a tool and print what it answers'), context);
  toolsApprovals(subcommand(command, 'approvals', 'calls that wait for somebody to approve them'), context);
  toolsDecide(subcommand(command, 'decide', 'approve or deny a call that waits'), context);
}
