import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { mcpStdio } from './mcp-stdio.js';

/** `orchestrator mcp …` */
export function mcp(command: Command, context: Context): void {
  mcpStdio(subcommand(command, 'stdio', 'MCP on stdin and stdout, for clients that start a program'), context);
}
