import type { Command } from 'commander';
import type { Context } from './context.js';

/**
 * Gives a command its arguments, options, examples and action.
 *
 * @param whole makes the tree with every command loaded
 */
export type Configure = (command: Command, context: Context, whole: () => Promise<Command>) => void;

/** One command under `orchestrator`; its file is loaded when it is the one that runs. */
export interface LazyCommand {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  load(): Promise<Configure>;
}

const RUN = 'Run a daemon:';
const TALK = 'Talk to a daemon:';
const WORK = 'Give agents work:';
const ADMINISTER = 'Administer a daemon:';
const DEVELOP = 'Develop and learn:';

/** Every command under `orchestrator`, in the order of the help. */
export const COMMANDS: readonly LazyCommand[] = [
  {
    name: 'dev',
    group: RUN,
    summary: 'run a daemon with two example agents, nothing to configure',
    load: async () => (await import('./commands/dev.js')).dev,
  },
  {
    name: 'start',
    group: RUN,
    summary: 'run the daemon in the foreground, as a service manager does',
    load: async () => (await import('./commands/start.js')).start,
  },
  {
    name: 'status',
    group: TALK,
    summary: 'the daemon, its plugins and its health at a glance',
    load: async () => (await import('./commands/status.js')).status,
  },
  {
    name: 'agents',
    group: TALK,
    summary: 'the agents, and the programs behind them that the daemon runs',
    load: async () => (await import('./commands/agents.js')).agents,
  },
  {
    name: 'call',
    group: TALK,
    summary: 'call any method of the protocol',
    load: async () => (await import('./commands/call.js')).call,
  },
  {
    name: 'events',
    group: TALK,
    summary: 'what happened, and what happens from now on',
    load: async () => (await import('./commands/events.js')).events,
  },
  {
    name: 'request',
    group: WORK,
    summary: 'ask an agent, or whichever agent has a skill, and print the answer',
    load: async () => (await import('./commands/request.js')).request,
  },
  {
    name: 'send',
    group: WORK,
    summary: 'hand over a message that survives anything and ends in one receipt',
    load: async () => (await import('./commands/send.js')).send,
  },
  {
    name: 'messages',
    group: WORK,
    summary: 'what becomes of messages, and who would get one',
    load: async () => (await import('./commands/messages.js')).messages,
  },
  {
    name: 'inbox',
    group: WORK,
    summary: 'what waits for an agent',
    load: async () => (await import('./commands/inbox.js')).inbox,
  },
  {
    name: 'dead-letters',
    group: WORK,
    summary: 'what nobody could handle: look at it, send it again, give it up',
    load: async () => (await import('./commands/dead-letters.js')).deadLetters,
  },
  {
    name: 'tasks',
    group: WORK,
    summary: 'work that agents do: submit it, follow it, end it',
    load: async () => (await import('./commands/tasks.js')).tasks,
  },
  {
    name: 'tools',
    group: WORK,
    summary: 'tools of MCP servers and agents: find them, call them, approve them',
    load: async () => (await import('./commands/tools.js')).tools,
  },
  {
    name: 'contexts',
    group: WORK,
    summary: 'conversations that several agents share',
    load: async () => (await import('./commands/contexts.js')).contexts,
  },
  {
    name: 'timeline',
    group: WORK,
    summary: 'what happened because of what, as a tree',
    load: async () => (await import('./commands/timeline.js')).timeline,
  },
  {
    name: 'state',
    group: WORK,
    summary: 'what agents keep: documents of fields with revisions',
    load: async () => (await import('./commands/state.js')).state,
  },
  {
    name: 'mcp',
    group: ADMINISTER,
    summary: 'connect clients and servers of the Model Context Protocol',
    load: async () => (await import('./commands/mcp.js')).mcp,
  },
  {
    name: 'keys',
    group: ADMINISTER,
    summary: 'create, list, rotate and revoke API keys',
    load: async () => (await import('./commands/keys.js')).keys,
  },
  {
    name: 'journal',
    group: ADMINISTER,
    summary: 'read the journal, or verify it without a daemon',
    load: async () => (await import('./commands/journal.js')).journal,
  },
  {
    name: 'config',
    group: ADMINISTER,
    summary: 'validate the configuration, show where each value comes from',
    load: async () => (await import('./commands/config.js')).config,
  },
  {
    name: 'doctor',
    group: ADMINISTER,
    summary: 'look for what is wrong and say what to do',
    load: async () => (await import('./commands/doctor.js')).doctor,
  },
  {
    name: 'plugin',
    group: DEVELOP,
    summary: 'write a new plugin package',
    load: async () => (await import('./commands/plugin.js')).plugin,
  },
  {
    name: 'completion',
    group: DEVELOP,
    summary: 'print a completion script for bash, zsh or fish',
    load: async () => (await import('./commands/completion.js')).completion,
  },
];
