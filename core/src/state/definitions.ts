import type { MergeKind, Policy, Rule } from './merge/field.js';
import type { JsonValue } from '../store/store.js';

/** What is said of one field: how it merges, and what its value must be like. */
export interface FieldDefinition {
  readonly rule?: Rule;
  readonly merge?: MergeKind;
  readonly schema?: JsonValue;
}

/** What is said of a document. */
export interface Definitions {
  /** JSON Schema of the object of all fields. */
  readonly schema?: JsonValue;
  readonly fields: Readonly<Record<string, FieldDefinition>>;
}

/** Definitions with the texts of their schemas, which are what schemas are compiled and found by. */
export class DefinedFields {
  readonly schemaText: string | undefined;
  readonly bytes: number;
  /** Of fields that have one. */
  readonly rules: Readonly<Record<string, Pick<FieldDefinition, 'rule' | 'merge'>>>;
  readonly #schemaTexts = new Map<string, string>();

  constructor(readonly definitions: Definitions) {
    this.schemaText = definitions.schema === undefined ? undefined : JSON.stringify(definitions.schema);
    for (const [name, { schema }] of Object.entries(definitions.fields)) {
      if (schema !== undefined) this.#schemaTexts.set(name, JSON.stringify(schema));
    }
    this.rules = Object.fromEntries(
      Object.entries(definitions.fields).flatMap(([name, { rule, merge }]) =>
        rule === undefined ? [] : [[name, { rule, ...(merge === undefined ? {} : { merge }) }]],
      ),
    );
    this.bytes = JSON.stringify(definitions).length;
  }

  /** The JSON text of a field's own schema. */
  schemaOf(field: string): string | undefined {
    return this.#schemaTexts.get(field);
  }

  policyOf(field: string): Policy {
    const { rule = 'last-write', merge = 'map' } = this.of(field);
    return rule === 'merge' ? merge : rule;
  }

  of(field: string): FieldDefinition {
    const { fields } = this.definitions;
    return (Object.hasOwn(fields, field) ? fields[field] : undefined) ?? {};
  }
}

/** A document of which nothing was said. */
export const UNDEFINED = new DefinedFields({ fields: {} });
