import type { Issue } from '@ai-orchestrator/protocol';
import type { Ajv } from 'ajv';
import { escaped } from '../agents/schema-rules.js';
import { late } from '../host/late.js';
import { DATA_KEYWORDS, TABLE_KEYWORDS } from '../json-schema/keywords.js';
import type { JsonObject } from './tools.js';

/** Bounds of {@link SchemaCheck}. */
export interface SchemaCheckLimits {
  /** Objects, arrays and values of one schema together. */
  readonly schemaNodes: number;
  /** Objects and arrays inside each other. */
  readonly depth: number;
}

const REFERENCES = new Set(['$ref', '$dynamicRef', '$recursiveRef']);
const LATEST = /^https:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/;
/** What `$schema` says of the one older dialect that is known. */
export const DRAFT_07 = /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/;

type MetaSchema = Pick<Ajv, 'validateSchema' | 'errors'>;

const OPTIONS = { strict: false, validateFormats: false, logger: false, addUsedSchema: false } as const;

/**
 * What is wrong with a JSON Schema from outside: 2020-12, or draft-07 where `$schema` says so [MCP 2026-07-28, JSON Schema Usage].
 * References that are not local are refused, and never fetched [ibid., `$ref` Resolution]; size and depth are bounded.
 */
export class SchemaCheck {
  #latest: MetaSchema | undefined;
  #draft07: MetaSchema | undefined;

  constructor(private readonly limits: SchemaCheckLimits) {}

  /** JSON Pointers into the schema; empty when nothing is wrong. */
  issues(schema: JsonObject): readonly Issue[] {
    const { $schema, ...body } = schema;
    const isOld = typeof $schema === 'string' && DRAFT_07.test($schema);
    if ($schema !== undefined && !isOld && !(typeof $schema === 'string' && LATEST.test($schema))) {
      return [{ path: '/$schema', message: 'is a dialect that is not supported; use 2020-12 or draft-07' }];
    }
    const shape = this.#shape(schema);
    if (shape.length > 0) return shape;
    const ajv = isOld
      ? (this.#draft07 ??= new (late.ajv().Ajv)(OPTIONS))
      : (this.#latest ??= new (late.ajv2020().Ajv2020)(OPTIONS));
    if (ajv.validateSchema(body) === true) return [];
    return (ajv.errors ?? []).slice(0, 1).map((e) => ({ path: e.instancePath, message: e.message ?? e.keyword }));
  }

  /** Size, depth and references. */
  #shape(schema: JsonObject): readonly Issue[] {
    const { schemaNodes, depth: deepest } = this.limits;
    const issues: Issue[] = [];
    let nodes = 0;
    const walk = (node: unknown, path: string, depth: number, kind: 'schema' | 'table' | 'data'): void => {
      nodes++;
      if (nodes > schemaNodes || issues.length > 0 || node === null || typeof node !== 'object') return;
      if (depth > deepest) {
        issues.push({ path: '', message: `is deeper than ${String(deepest)} levels` });
        return;
      }
      for (const [name, member] of Object.entries(node)) {
        const at = `${path}/${escaped(name)}`;
        const isKeyword = kind === 'schema' && !Array.isArray(node);
        if (isKeyword && REFERENCES.has(name) && !(typeof member === 'string' && member.startsWith('#'))) {
          issues.push({ path: at, message: 'must be a local reference (#...); remote ones are not fetched' });
        }
        const inside = kind === 'data' || (isKeyword && DATA_KEYWORDS.has(name)) ? 'data' : 'schema';
        walk(member, at, depth + 1, isKeyword && TABLE_KEYWORDS.has(name) ? 'table' : inside);
      }
    };
    walk(schema, '', 1, 'schema');
    if (nodes > schemaNodes) issues.push({ path: '', message: `has more than ${String(schemaNodes)} parts` });
    return issues;
  }
}
