import type { Tasks } from '@ai-orchestrator/core/plugin';
import { invalidParams } from '../downstream/rpc-error.js';
import { isObject, type JsonObject, type JsonValue } from '../upstream/json.js';

/** Something that a worker asked for. */
export type TaskInput = NonNullable<Awaited<ReturnType<Tasks['get']>>['task']['inputs']>[number];

/** Where an answer stands that is no flat object, which is all that a form can have. */
const WHOLE = 'answer';
const PRIMITIVE: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean']);

/** What a worker asked for, as a form for the user [MCP 2026-07-28, client/elicitation, Form Mode]. */
export function questionOf({ prompt, schema }: TaskInput): JsonObject {
  const message = typeof prompt === 'string' ? prompt : JSON.stringify(prompt);
  return { method: 'elicitation/create', params: { mode: 'form', message, requestedSchema: formOf(schema) } };
}

/**
 * The payload that an accepted form gives a worker.
 *
 * @throws RpcError -32602
 */
export function payloadOf({ inputId, schema }: TaskInput, content: JsonObject): JsonValue {
  if (isFlat(schema)) return content;
  const answer = content[WHOLE];
  if (answer === undefined) throw invalidParams(`inputResponses.${inputId}.content.${WHOLE} is missing`);
  if (schema === undefined || isPrimitive(schema)) return answer;
  const wrong = `inputResponses.${inputId}.content.${WHOLE} is JSON text by the schema in its description`;
  if (typeof answer !== 'string') throw invalidParams(wrong);
  try {
    return JSON.parse(answer) as JsonValue;
  } catch {
    throw invalidParams(wrong);
  }
}

function formOf(schema: unknown): JsonObject {
  if (isFlat(schema)) return schema;
  const answer = isPrimitive(schema)
    ? schema
    : schema === undefined
      ? { type: 'string' }
      : { type: 'string', description: `JSON text by this JSON Schema: ${JSON.stringify(schema)}` };
  return { type: 'object', properties: { [WHOLE]: answer }, required: [WHOLE] };
}

function isPrimitive(schema: unknown): schema is JsonObject {
  return isObject(schema) && PRIMITIVE.has(schema.type);
}

function isFlat(schema: unknown): schema is JsonObject {
  if (!isObject(schema) || schema.type !== 'object' || !isObject(schema.properties)) return false;
  return Object.values(schema.properties).every(isPrimitive);
}
