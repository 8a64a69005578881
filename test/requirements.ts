import { access } from './requirements/access.js';
import { agents } from './requirements/agents.js';
import { cli } from './requirements/cli.js';
import { client } from './requirements/client.js';
import { contexts } from './requirements/contexts.js';
import { daemon } from './requirements/daemon.js';
import { delivery } from './requirements/delivery.js';
import { faults } from './requirements/faults.js';
import { mcpDownstream } from './requirements/mcp-downstream.js';
import { mcpOauth } from './requirements/mcp-oauth.js';
import { mcpConsole } from './requirements/mcp-console.js';
import { mcpUpstream } from './requirements/mcp-upstream.js';
import { mcpInterop } from './requirements/mcp-interop.js';
import { messages } from './requirements/messages.js';
import { plugins } from './requirements/plugins.js';
import type { Requirement } from './requirements/requirement.js';
import { rpc } from './requirements/rpc.js';
import { state } from './requirements/state.js';
import { storage } from './requirements/storage.js';
import { supervisor } from './requirements/supervisor.js';
import { tasks } from './requirements/tasks.js';
import { timelines } from './requirements/timelines.js';
import { toolCalls } from './requirements/tool-calls.js';
import { tools } from './requirements/tools.js';
import { workspace } from './requirements/workspace.js';

/** Every promise that the tests prove, by area. */
export const REQUIREMENTS: readonly Requirement[] = [
  ...access,
  ...agents,
  ...cli,
  ...client,
  ...contexts,
  ...daemon,
  ...delivery,
  ...faults,
  ...mcpDownstream,
  ...mcpOauth,
  ...mcpConsole,
  ...mcpUpstream,
  ...mcpInterop,
  ...messages,
  ...plugins,
  ...rpc,
  ...state,
  ...storage,
  ...supervisor,
  ...tasks,
  ...timelines,
  ...toolCalls,
  ...tools,
  ...workspace,
];
