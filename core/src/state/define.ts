import { events, OrchestratorError } from '@ai-orchestrator/protocol';
import type { SkillSchemas } from '../agents/skill-schemas.js';
import type { JsonValue } from '../store/store.js';
import { named } from './author.js';
import type { Author } from './author.js';
import { DefinedFields } from './definitions.js';
import type { Definitions, FieldDefinition } from './definitions.js';
import type { Draft } from './draft.js';
import { conflictOf, converted, textOf } from './merge/read.js';
import { invalid } from './operation.js';

/** What is to be said of a document; what is named replaces what was. */
export interface Define {
  /** `null` takes it away. */
  readonly schema?: JsonValue;
  readonly fields?: Readonly<Record<string, FieldDefinition>>;
}

/**
 * Sets schemas and merge rules; values that are there must fit them.
 *
 * @throws OrchestratorError `invalid_params` naming what is wrong with a schema, `conflict` naming the value that does not fit,
 *   `limit_exceeded`
 */
export function define(
  draft: Draft,
  wanted: Define,
  author: Author,
  time: string,
  schemas: SkillSchemas,
  maxBytes: number,
): { revision: number } {
  const defined = new DefinedFields(merged(draft.defined.definitions, wanted));
  if (defined.bytes > maxBytes) {
    throw new OrchestratorError('limit_exceeded', `the definitions would take ${String(defined.bytes)} bytes`, {
      limit: 'state.definitionBytes',
      value: maxBytes,
    });
  }
  checkSchemas(wanted, schemas);
  draft.defined = defined;
  const names = Object.keys(wanted.fields ?? {});
  draft.recordDefined(named(names), author.by, time);
  for (const name of names) {
    const held = draft.field(name);
    if (held === undefined) continue;
    const field = converted(held.field, defined.policyOf(name));
    if (field !== held.field && conflictOf(held.field).length > 0)
      throw misfit(name, '', 'it has a conflict, of which one version alone would stay; end that with state.resolve');
    if (typeof field === 'string') throw misfit(name, '', field);
    const schema = defined.schemaOf(name);
    const text = textOf(field);
    const [issue] = schema === undefined || text === undefined ? [] : schemas.issues(schema, JSON.parse(text));
    if (issue !== undefined) throw misfit(name, issue.path, issue.message);
    if (field !== held.field) draft.hold(name, field);
  }
  if (wanted.schema !== undefined) draft.checkDocument();
  draft.events.push(author.draft(events.stateDefined, { fields: named(names), revision: draft.revision }));
  return { revision: draft.revision };
}

function merged(before: Definitions, { schema, fields = {} }: Define): Definitions {
  const kept = schema === undefined ? before.schema : (schema ?? undefined);
  return { ...(kept === undefined ? {} : { schema: kept }), fields: { ...before.fields, ...fields } };
}

function checkSchemas({ schema, fields = {} }: Define, schemas: SkillSchemas): void {
  const check = (at: string, value: JsonValue | undefined): void => {
    if (value === undefined || (value === null && at === '/schema')) return;
    const [issue] = schemas.check(value).issues;
    if (issue !== undefined) throw invalid(`${at}${issue.path}`, issue.message);
  };
  check('/schema', schema);
  for (const [name, definition] of Object.entries(fields)) {
    check(`/fields/${name}/schema`, definition.schema);
    if (definition.merge !== undefined && definition.rule !== 'merge') {
      throw invalid(`/fields/${name}/merge`, 'goes with the rule merge only');
    }
  }
}

function misfit(name: string, path: string, message: string): OrchestratorError {
  return new OrchestratorError(
    'conflict',
    `the value of ${name} does not fit: ${path === '' ? 'it' : path} ${message}`,
    {
      resource: `field/${name}`,
      issues: [{ path: `/fields/${name}${path}`, message }],
    },
  );
}
