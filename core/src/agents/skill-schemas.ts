import type { Issue } from '@ai-orchestrator/protocol';
import type { ValidateFunction } from 'ajv';
import type { Ajv2020 } from 'ajv/dist/2020.js';
import { late } from '../host/late.js';
import { withLinearUniqueItems } from '../json-schema/unique-items.js';
import { checkSchemaRules, compileLinear } from './schema-rules.js';

/** Bounds of {@link SkillSchemas}. */
export interface SkillSchemaLimits {
  readonly schemaNodes: number;
  readonly compiledSchemas: number;
}

/** Checks and compiles the JSON Schemas (2020-12) that skills come with; keeps the least recently used out. */
export class SkillSchemas {
  #made: Ajv2020 | undefined;
  /** Compiled schemas by their JSON text, least recently used first. */
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(private readonly limits: SkillSchemaLimits) {}

  /** What is wrong with a schema, and how many parts it has; JSON Pointers into the schema. */
  check(schema: unknown): { nodes: number; issues: readonly Issue[] } {
    if (typeof schema === 'boolean') return { nodes: 1, issues: [] };
    if (schema === null || typeof schema !== 'object' || Array.isArray(schema)) {
      return { nodes: 1, issues: [{ path: '', message: 'must be a JSON Schema: an object or a boolean' }] };
    }
    const rules = checkSchemaRules(schema, this.limits.schemaNodes);
    if (rules.issues.length > 0) return rules;
    if (this.#ajv.validateSchema(schema) !== true) return { nodes: rules.nodes, issues: issuesOf(this.#ajv.errors) };
    try {
      this.#compile(JSON.stringify(schema));
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { nodes: rules.nodes, issues: [{ path: '', message }] };
    }
    return rules;
  }

  /** What is wrong with a value under a schema that was checked; JSON Pointers into the value. */
  issues(schemaText: string, value: unknown): readonly Issue[] {
    const validate = this.#compile(schemaText);
    return validate(value) ? [] : issuesOf(validate.errors);
  }

  /** Made by the first card that has a schema. */
  get #ajv(): Ajv2020 {
    return (this.#made ??= compiler());
  }

  #compile(schemaText: string): ValidateFunction {
    const known = this.#compiled.get(schemaText);
    if (known !== undefined) {
      this.#compiled.delete(schemaText);
      this.#compiled.set(schemaText, known);
      return known;
    }
    const schema = JSON.parse(schemaText) as object | boolean;
    const validate = this.#ajv.compile(schema);
    // ajv keeps what it compiled by the schema's identity; ours is the only cache.
    if (typeof schema === 'object') this.#ajv.removeSchema(schema);
    this.#compiled.set(schemaText, validate);
    const oldest = this.#compiled.keys().next();
    if (this.#compiled.size > this.limits.compiledSchemas && oldest.done !== true) this.#compiled.delete(oldest.value);
    return validate;
  }
}

function compiler(): Ajv2020 {
  const ajv = new (late.ajv2020().Ajv2020)({
    strictSchema: true,
    strictTypes: false,
    strictTuples: false,
    strictRequired: false,
    unicodeRegExp: false,
    addUsedSchema: false,
    logger: false,
    code: { regExp: compileLinear },
  });
  // The full formats have patterns that backtrack.
  late.ajvFormats()(ajv, { mode: 'fast' });
  return withLinearUniqueItems(ajv);
}

function issuesOf(errors: ValidateFunction['errors']): Issue[] {
  return (errors ?? []).slice(0, 1).map((e) => ({ path: e.instancePath, message: e.message ?? e.keyword }));
}
