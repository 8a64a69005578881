import type { ToolDefinition } from '@ai-orchestrator/core/plugin';
import { TASK_STATES, type Permission } from '@ai-orchestrator/protocol';
import type { JsonObject } from '../upstream/json.js';

/** A tool for tasks: what it says of itself, and what its caller must be permitted to do. */
export interface TaskTool {
  readonly definition: ToolDefinition;
  readonly permission: Permission;
}

const TASK_ID = { type: 'string', pattern: '^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$' };

/** By name. */
export const TASK_TOOLS: ReadonlyMap<string, TaskTool> = new Map(
  [
    tool(
      'task_submit',
      'task:submit',
      'Has work done by an agent, or by whichever agent has a skill. Answers a taskId at once; task_get tells when it is done.',
      {
        skill: { type: 'string', maxLength: 128, description: 'What the agent must be able to do; this or agent.' },
        agent: { type: 'string', maxLength: 128, description: 'Id of one agent.' },
        input: { description: 'What the skill takes.' },
        title: { type: 'string', maxLength: 256 },
      },
      ['input'],
    ),
    tool(
      'task_get',
      'task:read',
      'Where a task is, what it asks for, and its output once it is completed.',
      { taskId: TASK_ID },
      ['taskId'],
    ),
    tool('task_list', 'task:read', 'Tasks that the caller submitted, newest first.', {
      state: { type: 'string', enum: TASK_STATES },
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
      cursor: { type: 'string', maxLength: 1_024, description: 'Of an earlier answer, for the next page.' },
    }),
    tool(
      'task_cancel',
      'task:submit',
      'Ends a task and its sub-tasks.',
      { taskId: TASK_ID, reason: { type: 'string', maxLength: 512 } },
      ['taskId'],
    ),
    tool(
      'task_respond',
      'task:submit',
      'Gives a task the input that it asks for, which task_get shows.',
      { taskId: TASK_ID, inputId: TASK_ID, payload: { description: 'By the schema of what is asked for.' } },
      ['taskId', 'inputId', 'payload'],
    ),
  ].map((each) => [each.definition.name, each]),
);

function tool(
  name: string,
  permission: Permission,
  description: string,
  properties: JsonObject,
  required: string[] = [],
): TaskTool {
  const reads = permission === 'task:read';
  return {
    permission,
    definition: {
      name,
      version: '1.0.0',
      description,
      inputSchema: { type: 'object', properties, required, additionalProperties: false },
      annotations: { readOnlyHint: reads, ...(!reads && { destructiveHint: false }), openWorldHint: false },
    },
  };
}
