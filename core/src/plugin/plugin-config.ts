import type { Ajv, ErrorObject } from 'ajv';
import type { TSchema } from 'typebox';
import { late } from '../host/late.js';
import { nearest } from './nearest.js';

/** A plugin's configuration with defaults filled in, or what is wrong with it, each naming its key. */
export type CheckedConfig =
  { readonly ok: true; readonly config: unknown } | { readonly ok: false; readonly problems: readonly string[] };

interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/**
 * Checks a plugin's configuration against its schema. The given value is not changed. Keys that the schema does not name are
 * refused unless it says `additionalProperties`. Values never appear in the problems: they may be secrets.
 *
 * @param schema of the plugin; without one, only an empty configuration is right
 * @param given what the configuration says; `undefined` counts as empty
 */
export function checkConfig(schema: TSchema | undefined, given: unknown): CheckedConfig {
  const unset = given === undefined || (isObject(given) && Object.keys(given).length === 0);
  const defaults = unset ? defaultsOf((schema ?? {}) as JsonSchema) : undefined;
  if (defaults !== undefined) return { ok: true, config: defaults };
  let validate;
  try {
    validate = compiler().compile(closed((schema ?? { type: 'object', properties: {} }) as JsonSchema) as JsonSchema);
  } catch (error) {
    return { ok: false, problems: [`declares a config schema that is not valid: ${(error as Error).message}`] };
  }
  const config: unknown = structuredClone(given ?? {});
  if (validate(config)) return { ok: true, config };
  return { ok: false, problems: (validate.errors ?? []).map(problem) };
}

const PLAIN = new Set(['type', 'properties', 'required', 'additionalProperties', 'title', 'description']);

/**
 * What a schema makes of an empty configuration, without the compiler, which takes a tenth of a daemon's start to load; `undefined` for
 * a schema that has to be asked: one that requires what has no default, has a default with defaults of its own, or other keywords.
 */
function defaultsOf(schema: JsonSchema): Record<string, unknown> | undefined {
  const { type = 'object', properties = {}, required = [] } = schema;
  if (type !== 'object' || !isObject(properties) || !Array.isArray(required)) return undefined;
  if (Object.keys(schema).some((keyword) => !PLAIN.has(keyword))) return undefined;
  const defaults: Record<string, unknown> = {};
  for (const [name, property] of Object.entries(properties)) {
    if (!isObject(property) || property.default === undefined) continue;
    if (typeof property.default === 'object') return undefined;
    defaults[name] = property.default;
  }
  return required.every((name: string) => Object.hasOwn(defaults, name)) ? defaults : undefined;
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

let shared: Ajv | undefined;

/** Made when first asked for, and once: it takes longer to make than to use. */
function compiler(): Ajv {
  if (shared === undefined) {
    shared = new (late.ajv().Ajv)({
      allErrors: true,
      useDefaults: true,
      strict: true,
      strictTypes: false,
      verbose: true,
    });
    late.ajvFormats()(shared);
  }
  return shared;
}

/** The same schema, with every object that names its properties refusing others unless it says otherwise. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  const copy: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    // The branches of allOf each see the whole object, so closing them one by one would refuse everything.
    copy[keyword] = keyword === 'allOf' || keyword === 'default' || keyword === 'const' ? value : closed(value);
  }
  if (isSchemaOfNamedProperties(copy)) copy.additionalProperties ??= false;
  return copy;
}

function isSchemaOfNamedProperties(schema: JsonSchema): boolean {
  return schema.type === 'object' && typeof schema.properties === 'object' && schema.allOf === undefined;
}

function problem(error: ErrorObject): string {
  const at = error.instancePath.slice(1).replaceAll('/', '.');
  if (error.keyword === 'additionalProperties') {
    const unknown = String(error.params.additionalProperty);
    const known = Object.keys((error.parentSchema?.properties ?? {}) as object);
    const meant = nearest(unknown, known);
    const advice = meant !== undefined ? `did you mean "${meant}"?` : `known keys: ${known.join(', ') || 'none'}`;
    return `config key "${join(at, unknown)}" is not known; ${advice}`;
  }
  if (error.keyword === 'required') {
    return `config key "${join(at, String(error.params.missingProperty))}" is missing`;
  }
  const allowed = error.keyword === 'enum' ? `: ${(error.params.allowedValues as unknown[]).join(', ')}` : '';
  return `config key "${at || '(all of it)'}" ${error.message ?? 'is not valid'}${allowed}`;
}

function join(at: string, key: string): string {
  return at === '' ? key : `${at}.${key}`;
}
