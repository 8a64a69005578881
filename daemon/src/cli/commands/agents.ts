import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { agentsList } from './agents-list.js';
import { agentsLogs } from './agents-logs.js';
import { agentsPrograms } from './agents-programs.js';
import { agentsRestart } from './agents-restart.js';
import { agentsShow } from './agents-show.js';
import { agentsStop } from './agents-stop.js';

/** `orchestrator agents …` */
export function agents(command: Command, context: Context): void {
  agentsList(subcommand(command, 'list', 'the agents that you may see'), context);
  agentsShow(subcommand(command, 'show', 'one agent with its skills'), context);
  agentsPrograms(subcommand(command, 'programs', 'the programs that the daemon runs'), context);
  agentsLogs(subcommand(command, 'logs', 'the last lines that a program printed'), context);
  agentsRestart(subcommand(command, 'restart', 'stop a program and start it again'), context);
  agentsStop(subcommand(command, 'stop', 'stop a program until it is restarted'), context);
}
