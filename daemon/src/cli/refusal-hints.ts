import type { ErrorName } from '@ai-orchestrator/protocol';

/** What to do next on a command line, where that is another thing than what the protocol's own hint says to a program. */
export const REFUSAL_HINTS: Partial<Record<ErrorName, string>> = {
  method_not_found: '"orchestrator call rpc.discover" lists the methods of this daemon.',
  invalid_params: 'The command with --help says what it takes; "orchestrator call rpc.discover" has every schema.',
  unauthenticated: 'Check --token and ORCHESTRATOR_TOKEN; without them the admin key of the local daemon is used.',
  not_found: 'Check the id; "orchestrator events" names what there was.',
  conflict: 'It is there already, or was changed meanwhile: look at it and decide again.',
  deadline_exceeded: 'Try again with a larger --timeout; "orchestrator agents list" says how busy the agent is.',
  agent_not_found: '"orchestrator agents list" shows the agents that you may see.',
  agent_failed: '"orchestrator agents show AGENT" says what its skills take.',
  agent_offline: '"orchestrator agents list" shows who is there; "orchestrator send" leaves it a message meanwhile.',
  agent_unavailable: '"orchestrator agents list" shows who is ready; another one may have the skill.',
  no_agent_for_skill: '"orchestrator messages explain --skill SKILL" says who has it, and why none of them gets this.',
  inbox_full: 'Send again once the agent has caught up; "orchestrator inbox show AGENT" says how full it is.',
  task_not_found: '"orchestrator tasks list" shows the tasks that you are party to.',
  task_state: '"orchestrator tasks show TASK" says where it is.',
  approval_required: '"orchestrator tools approvals" shows what waits; call again once it is approved.',
  capability_missing: 'Whoever runs the daemon grants it: plugins and grants are in docs/tools.md.',
  tool_failed: '"orchestrator tools show TOOL" says what it takes; "orchestrator mcp status" how its server fares.',
  not_your_turn: '"orchestrator contexts show CONTEXT" says whose turn it is.',
  context_closed: 'It was closed or erased; "orchestrator contexts create" begins another.',
};

/** What to do next about something of one kind that is not there, by the first part of `data.resource`. */
export const NOT_FOUND_HINTS: Readonly<Record<string, string>> = {
  approval: '"orchestrator tools approvals" shows the calls that wait.',
  context: '"orchestrator contexts list" shows those that you take part in.',
  'dead-letter': '"orchestrator dead-letters list" shows them.',
  key: '"orchestrator keys list" shows them.',
  mcp: '"orchestrator mcp list" shows the servers.',
  program: '"orchestrator agents programs" shows the programs that the daemon runs.',
  task: '"orchestrator tasks list" shows them; "orchestrator tasks show TASK" what one asked and left.',
  tool: '"orchestrator tools list" shows the tools that you may use.',
};
