import type { Command } from 'commander';
import type { Context } from '../context.js';
import { subcommand } from '../subcommand.js';
import { mcpAdd } from './mcp-add.js';
import { mcpAuthorize } from './mcp-authorize.js';
import { mcpDeauthorize } from './mcp-deauthorize.js';
import { mcpImport } from './mcp-import.js';
import { mcpList } from './mcp-list.js';
import { mcpLogs } from './mcp-logs.js';
import { mcpRemove } from './mcp-remove.js';
import { mcpRestart } from './mcp-restart.js';
import { mcpStatus } from './mcp-status.js';
import { mcpStdio } from './mcp-stdio.js';

/** `orchestrator mcp …` */
export function mcp(command: Command, context: Context): void {
  mcpAdd(subcommand(command, 'add', 'put an MCP server behind the daemon'), context);
  mcpImport(subcommand(command, 'import', 'put the servers of a client’s configuration behind the daemon'), context);
  mcpList(subcommand(command, 'list', 'the MCP servers behind the daemon'), context);
  mcpStatus(subcommand(command, 'status', 'how MCP servers fare, and which revisions are spoken'), context);
  mcpLogs(subcommand(command, 'logs', 'what an MCP server last wrote to stderr, or wrongly to stdout'), context);
  mcpAuthorize(subcommand(command, 'authorize', 'where a person allows the daemon to use a server'), context);
  mcpDeauthorize(subcommand(command, 'deauthorize', 'withdraw what a person allowed the daemon'), context);
  mcpRestart(subcommand(command, 'restart', 'stop an MCP server and start it again'), context);
  mcpRemove(subcommand(command, 'remove', 'stop an MCP server and withdraw its tools'), context);
  mcpStdio(subcommand(command, 'stdio', 'MCP on stdin and stdout, for clients that start a program'), context);
}
