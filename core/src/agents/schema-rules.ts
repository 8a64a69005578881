import type { Issue } from '@ai-orchestrator/protocol';
import { setFlagsFromString } from 'node:v8';
import { DATA_KEYWORDS, TABLE_KEYWORDS } from '../json-schema/keywords.js';

/**
 * What a schema from outside must keep to so that validating with it takes time in proportion to the value: references are local and
 * do not recurse, patterns run in linear time, and the schema with its references followed is bounded.
 */

const REFUSED = new Set(['$id', '$anchor', '$dynamicAnchor', '$dynamicRef', '$recursiveRef', '$recursiveAnchor']);
const DRAFT = 'https://json-schema.org/draft/2020-12/schema';
/** Older tools write it with an empty fragment, which names the same. */
const DRAFTS = new Set<unknown>([DRAFT, `${DRAFT}#`]);

/** Compiles a pattern for V8's linear-time engine. @throws SyntaxError when it needs look-around or back-references */
export function linearRegExp(pattern: string): RegExp {
  // Without it the flag `l` is a syntax error; with it only patterns that carry the flag are affected.
  setFlagsFromString('--enable-experimental-regexp-engine');
  return new RegExp(pattern, 'l');
}

/** The same, as ajv wants it. */
export const compileLinear = Object.assign((pattern: string) => linearRegExp(pattern), { code: 'linearRegExp' });

/**
 * What is wrong with a schema beside what its meta-schema says.
 *
 * @param maxNodes parts it may have with its references followed
 * @returns the number of parts, and the issues with JSON Pointers into the schema
 */
export function checkSchemaRules(schema: unknown, maxNodes: number): { nodes: number; issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const open = new Set<object>();
  // One object may be both: a table of schemas, and by way of a reference a schema.
  const measuredSchemas = new Map<object, number>();
  const measuredTables = new Map<object, number>();

  const measure = (node: unknown, path: string, byName = false): number => {
    if (node === null || typeof node !== 'object') return 1;
    const measured = byName ? measuredTables : measuredSchemas;
    const known = measured.get(node);
    if (known !== undefined) return known;
    if (open.has(node)) {
      issues.push({
        path,
        message:
          'must not refer to a schema that contains it: write the levels out, or say {} below the depth that matters',
      });
      return 1;
    }
    open.add(node);
    let nodes = 1;
    for (const [name, member] of Object.entries(node)) {
      if (nodes > maxNodes) break;
      const at = `${path}/${escaped(name)}`;
      if (byName || Array.isArray(node)) {
        nodes += measure(member, at);
        continue;
      }
      checkMember(name, member, at, issues);
      if (!DATA_KEYWORDS.has(name)) nodes += measure(member, at, TABLE_KEYWORDS.has(name));
      if (name === '$ref' && typeof member === 'string') nodes += follow(member, at);
    }
    open.delete(node);
    measured.set(node, nodes);
    return nodes;
  };

  const follow = (reference: string, at: string): number => {
    if (!reference.startsWith('#')) {
      issues.push({ path: at, message: 'must be a local reference (#/...); remote ones are not fetched' });
      return 1;
    }
    const target = resolve(schema, reference);
    if (target === undefined) {
      issues.push({ path: at, message: 'must point to a schema that exists' });
      return 1;
    }
    return measure(target, at);
  };

  const nodes = measure(schema, '');
  if (nodes > maxNodes) {
    issues.push({ path: '', message: `must have at most ${String(maxNodes)} parts, references followed` });
  }
  return { nodes, issues };
}

function checkMember(name: string, member: unknown, at: string, issues: Issue[]): void {
  if (REFUSED.has(name) && typeof member === 'string') issues.push({ path: at, message: 'is not supported here' });
  if (name === '$schema' && !DRAFTS.has(member)) issues.push({ path: at, message: `must be ${DRAFT}` });
  if (name === 'pattern' && typeof member === 'string') checkPattern(member, at, issues);
  if (name === 'patternProperties' && member !== null && typeof member === 'object') {
    for (const pattern of Object.keys(member)) checkPattern(pattern, `${at}/${escaped(pattern)}`, issues);
  }
}

function checkPattern(pattern: string, at: string, issues: Issue[]): void {
  try {
    linearRegExp(pattern);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    issues.push({ path: at, message: `must be a pattern without look-around and back-references (${error.message})` });
  }
}

function resolve(root: unknown, reference: string): unknown {
  let node = root;
  for (const step of decodeURIComponent(reference).split('/').slice(1)) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (node === null || typeof node !== 'object' || !Object.hasOwn(node, name)) return undefined;
    node = (node as Record<string, unknown>)[name];
  }
  return reference === '#' || reference.startsWith('#/') ? node : undefined;
}

/** One step of a JSON Pointer [RFC 6901 §3]. */
export function escaped(step: string): string {
  return step.replaceAll('~', '~0').replaceAll('/', '~1');
}
