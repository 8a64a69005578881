/** Members of a JSON Schema whose values are data, not schemas. */
export const DATA_KEYWORDS: ReadonlySet<string> = new Set(['const', 'default', 'enum', 'examples']);

/** Members whose values are schemas by names of the author's choice, which are no keywords whatever they are called. */
export const TABLE_KEYWORDS: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
  'dependencies',
]);
