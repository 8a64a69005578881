import type { ToolDefinition } from '@ai-orchestrator/core/plugin';
import { isObject, type JsonObject } from '../upstream/json.js';

/** A skill as an agent's card has it. */
export interface CardSkill {
  readonly id: string;
  readonly name?: string;
  readonly description?: string;
  readonly version?: string;
  readonly input?: unknown;
  readonly output?: unknown;
}

/** Name of the argument that holds what a skill takes that takes no object. */
const WHOLE = 'input';

/** A skill as a tool: `agent__SKILL`, in the version of the skill, else of the card it is on. */
export function skillDefinition(cardVersion: string, skill: CardSkill): ToolDefinition {
  const { id, name, description, version = cardVersion, input, output } = skill;
  return {
    name: `agent__${id}`,
    version,
    ...(name !== undefined && { title: name }),
    ...(description !== undefined && { description }),
    inputSchema: takesObject(input) ? input : wrapped(input),
    ...(takesObject(output) && { outputSchema: output }),
  };
}

/** What an agent is sent: the arguments, or the one argument of a skill that takes no object. */
export function payloadOf(skill: CardSkill, given: JsonObject): unknown {
  return takesObject(skill.input) ? given : (given[WHOLE] ?? null);
}

function takesObject(schema: unknown): schema is JsonObject {
  return isObject(schema) && schema.type === 'object';
}

function wrapped(schema: unknown): JsonObject {
  return {
    type: 'object',
    properties: { [WHOLE]: isObject(schema) ? schema : {} },
    ...(isObject(schema) && { required: [WHOLE] }),
    additionalProperties: false,
  };
}
