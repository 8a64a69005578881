import type { Issue } from '@ai-orchestrator/protocol';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';
import { late } from '../host/late.js';

/** Checks a value and fills in the schema's defaults; answers what is wrong, and `undefined` when nothing is. */
export type Validate = (value: unknown) => readonly Issue[] | undefined;

let shared: Ajv | undefined;

/** The one compiler of schemas; made at the first use, because loading it is a part of the start's time. */
function compiler(): Ajv {
  if (shared === undefined) {
    shared = new (late.ajv().Ajv)({
      strict: true,
      allErrors: true,
      useDefaults: true,
      allowUnionTypes: true,
      validateSchema: false,
    });
    late.ajvFormats()(shared, ['date-time', 'uuid']);
    shared.addFormat('semver', (text) => late.semver().valid(text) !== null);
    shared.addFormat('semver-range', (text) => late.semver().validRange(text) !== null);
  }
  return shared;
}

function issueOf(error: ErrorObject): Issue {
  const { missingProperty, additionalProperty } = error.params as Record<string, string | undefined>;
  const name = missingProperty ?? additionalProperty;
  const path =
    name === undefined
      ? error.instancePath
      : `${error.instancePath}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  if (missingProperty !== undefined) return { path, message: 'is required' };
  if (additionalProperty !== undefined) return { path, message: 'is not known' };
  const { allowedValues } = error.params as { allowedValues?: readonly unknown[] };
  const allowed = allowedValues === undefined ? '' : `: ${allowedValues.join(', ')}`;
  return { path, message: `${error.message ?? 'is not valid'}${allowed}` };
}

/**
 * Compiles a schema (strictly: unknown keywords and formats throw). The formats are date-time, uuid, semver and semver-range.
 *
 * @param maxIssues how many issues an answer names
 */
export function compileSchema(schema: TSchema, maxIssues = 20): Validate {
  const validate: ValidateFunction = compiler().compile(schema);
  return (value) => {
    if (validate(value)) return undefined;
    return (validate.errors ?? []).slice(0, maxIssues).map(issueOf);
  };
}
