/** The part of JSON Schema that our declarations use. */
export interface SchemaShape {
  readonly type?: string;
  readonly const?: unknown;
  readonly anyOf?: readonly SchemaShape[];
  readonly items?: SchemaShape;
  readonly properties?: Readonly<Record<string, SchemaShape>>;
  readonly patternProperties?: Readonly<Record<string, SchemaShape>>;
  readonly required?: readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

function range(unit: string, least: number | undefined, most: number | undefined): string | undefined {
  if (least === undefined && most === undefined) return undefined;
  if (most === undefined) return `at least ${String(least)}${unit}`;
  return least === undefined ? `at most ${String(most)}${unit}` : `${String(least)} to ${String(most)}${unit}`;
}

/** A schema's type in a few words: `string`, `"ready" | "busy"`, `integer[]`. */
export function typeText(schema: SchemaShape): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeText))].join(' | ');
  if (schema.type === 'array') {
    const item = typeText(schema.items ?? {});
    return item.includes(' ') ? `(${item})[]` : `${item}[]`;
  }
  if (schema.type === 'object') {
    const values = Object.values(schema.patternProperties ?? {});
    if (values[0]) return `{ name: ${typeText(values[0])} }`;
    const names = Object.keys(schema.properties ?? {});
    return `{ ${names.map((name) => (schema.required?.includes(name) ? name : `${name}?`)).join(', ')} }`;
  }
  return schema.type ?? 'any';
}

/** What else there is to know of a schema: its description, format, bounds and default. */
export function noteText(schema: SchemaShape): string {
  const notes = [
    schema.description?.replace(/\.$/, ''),
    range('', schema.minimum, schema.maximum),
    range(' characters', schema.minLength, schema.maxLength),
    range(' items', schema.minItems, schema.maxItems),
    schema.default === undefined ? undefined : `${JSON.stringify(schema.default)} unless said`,
  ].filter((note) => note !== undefined);
  return notes.join('; ');
}
