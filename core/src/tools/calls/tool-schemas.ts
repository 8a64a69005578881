import type { Issue } from '@ai-orchestrator/protocol';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { default as AjvCore } from 'ajv/dist/core.js';
import { checkSchemaRules, compileLinear, escaped } from '../../agents/schema-rules.js';
import { late } from '../../host/late.js';
import { withLinearUniqueItems } from '../../json-schema/unique-items.js';
import { DRAFT_07 } from '../schema-check.js';
import type { JsonObject } from '../tools.js';

/** What is wrong with a value, with JSON Pointers into it; `undefined` when nothing is. */
export type Check = (value: unknown) => readonly Issue[] | undefined;

/** Parts of a schema with its references followed; one that has more is not compiled. */
const MAX_NODES = 10_000;

/**
 * Compiles the JSON Schemas of tools: 2020-12 [MCP 2025-11-25, Schema Reference: JSON Schema Usage] or, where `$schema` says so, draft-07. A format asserts
 * nothing [JSON Schema 2020-12 Validation §7.2.1]. Each is compiled once for as long as its definition lives.
 */
export class ToolSchemas {
  readonly #compiled = new WeakMap<JsonObject, Check | 'unchecked'>();
  #latest: AjvCore.default | undefined;
  #draft07: AjvCore.default | undefined;

  /**
   * A check that takes time in proportion to the value; `undefined` for a schema of which that cannot be said (it recurses, needs
   * patterns that backtrack, refers to something far or is none), so that only its provider can check.
   */
  compile(schema: JsonObject): Check | undefined {
    let check = this.#compiled.get(schema);
    if (check === undefined) this.#compiled.set(schema, (check = this.#make(schema)));
    return check === 'unchecked' ? undefined : check;
  }

  #make({ $schema, ...schema }: JsonObject): Check | 'unchecked' {
    if (checkSchemaRules(schema, MAX_NODES).issues.length > 0) return 'unchecked';
    const isOld = typeof $schema === 'string' && DRAFT_07.test($schema);
    const ajv = isOld
      ? (this.#draft07 ??= withLinearUniqueItems(new (late.ajv().Ajv)(OPTIONS)))
      : (this.#latest ??= withLinearUniqueItems(new (late.ajv2020().Ajv2020)(OPTIONS)));
    let validate: ValidateFunction;
    try {
      validate = ajv.compile(schema);
    } catch {
      // Whoever described the tool can use it all the same; what is wrong with the schema is told when it is registered.
      return 'unchecked';
    } finally {
      // ajv keeps what it compiled by the schema's identity; ours is the only cache.
      ajv.removeSchema(schema);
    }
    return (value) => (validate(value) ? undefined : (validate.errors ?? []).map(issueOf));
  }
}

const OPTIONS = {
  strict: false,
  validateFormats: false,
  unicodeRegExp: false,
  addUsedSchema: false,
  logger: false,
  code: { regExp: compileLinear },
} as const;

/** A member that is missing or too much is named by its own path. */
function issueOf({ instancePath, message, keyword, params }: ErrorObject): Issue {
  const { missingProperty, additionalProperty, unevaluatedProperty, allowedValues } = params as {
    readonly missingProperty?: string;
    readonly additionalProperty?: string;
    readonly unevaluatedProperty?: string;
    readonly allowedValues?: readonly unknown[];
  };
  const surplus = additionalProperty ?? unevaluatedProperty;
  if (missingProperty !== undefined) return { path: at(instancePath, missingProperty), message: 'is required' };
  if (surplus !== undefined) return { path: at(instancePath, surplus), message: 'is not known' };
  const allowed =
    allowedValues === undefined ? '' : `: ${allowedValues.map((value) => JSON.stringify(value)).join(', ')}`;
  return { path: instancePath, message: `${message ?? keyword}${allowed}` };
}

function at(path: string, name: string): string {
  return `${path}/${escaped(name)}`;
}
