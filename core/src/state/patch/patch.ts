import { events, OrchestratorError, stateMethods } from '@ai-orchestrator/protocol';
import { hash } from 'node:crypto';
import { named } from '../author.js';
import type { Author } from '../author.js';
import type { Draft } from '../draft.js';
import { textOf } from '../merge/read.js';
import { invalid } from '../operation.js';
import { expectRevision } from '../put.js';
import { changesTo } from './changes.js';
import { isObject } from './json.js';
import type { Json, JsonObject } from './json.js';
import { applyJsonPatch, PatchError } from './json-patch.js';
import type { PatchLimits, PatchOperation } from './json-patch.js';
import { pointerTo, tokensOf } from './json-pointer.js';
import { applyMergePatch } from './merge-patch.js';

/** A change of several members at once; exactly one of the patches. */
export interface Patch {
  /** The value of this field is patched; the object of all fields unless said. */
  readonly field?: string;
  /** RFC 7396. */
  readonly mergePatch?: Json;
  /** RFC 6902. */
  readonly jsonPatch?: readonly PatchOperation[];
  /** The document, or the field, must have it. */
  readonly revision?: number;
}

/** What a patch is applied to: the fields that it may touch, by name, as they are. */
type Values = Record<string, Json>;

const VALID_NAME = new RegExp(stateMethods.FIELD_NAME);

/**
 * Applies a patch to what is there, whole or not at all; answers the fields that are other than before.
 *
 * @throws OrchestratorError `invalid_params` naming the operation or the place in the document, `conflict` (a test, the revision, the rule
 *   `refuse`), `limit_exceeded`
 */
export function patch(
  draft: Draft,
  wanted: Patch,
  author: Author,
  time: string,
  limits: PatchLimits,
): { revision: number; changed: string[] } {
  expectKnown(draft, wanted);
  const base = wanted.revision === undefined ? {} : { base: draft.revision };
  const touched = namesIn(draft, wanted);
  const before = valuesOf(draft, touched);
  const after = patched(valuesOf(draft, touched), wanted, limits);
  const changed: string[] = [];
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!VALID_NAME.test(name)) throw invalid(`/document${pointerTo(name)}`, 'is no name of a field');
    const operations = changesTo(draft.current(name).kind, before[name], after[name]);
    for (const operation of operations) {
      draft.write(name, { operation, time, by: author.by, ...base }, `/document${pointerTo(name)}`);
    }
    if (operations.length > 0) changed.push(name);
  }
  if (changed.length > 0) {
    const details = { fields: named(changed), revision: draft.revision, outcome: 'written' };
    const contentHash = hash('sha256', JSON.stringify(wanted.mergePatch ?? wanted.jsonPatch), 'hex');
    draft.events.push(author.draft(events.stateWritten, details, contentHash));
  }
  return { revision: draft.revision, changed };
}

/** @throws OrchestratorError `invalid_params` unless it is one patch; `conflict` where another revision is there */
function expectKnown(draft: Draft, { field, mergePatch, jsonPatch, revision }: Patch): void {
  if ((mergePatch === undefined) === (jsonPatch === undefined)) {
    throw invalid('', 'must have either mergePatch or jsonPatch');
  }
  if (revision === undefined) return;
  if (field !== undefined) {
    expectRevision(field, draft.current(field), revision);
    return;
  }
  if (revision === draft.revision) return;
  throw new OrchestratorError(
    'conflict',
    `the document should have revision ${String(revision)}, and has ${String(draft.revision)}`,
    { resource: 'document', current: { revision: draft.revision } },
  );
}

/** Names of fields that a patch may touch. */
function namesIn(draft: Draft, { field, mergePatch, jsonPatch = [] }: Patch): Iterable<string> {
  if (field !== undefined) return [field];
  if (mergePatch !== undefined) return isObject(mergePatch) ? Object.keys(mergePatch) : [];
  const names = new Set<string>();
  for (const operation of jsonPatch) {
    for (const pointer of 'from' in operation ? [operation.path, operation.from] : [operation.path]) {
      const [name] = tokensOf(pointer);
      if (name === undefined) return draft.names();
      names.add(name);
    }
  }
  return names;
}

function valuesOf(draft: Draft, names: Iterable<string>): Values {
  const values: Values = {};
  for (const name of names) {
    const held = draft.field(name);
    const text = held && textOf(held.field);
    if (text !== undefined) values[name] = JSON.parse(text) as Json;
  }
  return values;
}

/** @param values may be changed */
function patched(values: Values, wanted: Patch, limits: PatchLimits): JsonObject {
  const { field, mergePatch, jsonPatch = [] } = wanted;
  if (mergePatch !== undefined) {
    const whole = field === undefined ? mergePatch : { [field]: mergePatch };
    if (!isObject(whole)) throw invalid('/mergePatch', 'must be an object: the document is one');
    return applyMergePatch(values, whole) as JsonObject;
  }
  const after = applied(values, jsonPatch, field, limits);
  if (field !== undefined) return after === undefined ? {} : { [field]: after };
  if (isObject(after)) return after;
  throw invalid('/jsonPatch', 'must leave an object: the document is one');
}

function applied(
  values: Values,
  operations: readonly PatchOperation[],
  field: string | undefined,
  limits: PatchLimits,
): Json | undefined {
  // A field that is not there yet can be added as a whole, like any document.
  const from = field === undefined ? operations : operations.map((operation) => within(field, operation));
  try {
    const document = applyJsonPatch(values, from, limits);
    return field === undefined || !isObject(document) ? document : document[field];
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    const { index, member, message, found } = error;
    const at = `/jsonPatch/${String(index)}`;
    const place = operations[index]?.path ?? '';
    if (member !== undefined) throw invalid(`${at}/${member}`, `(${place}) ${message}`);
    throw new OrchestratorError('conflict', `${at}: ${message}; data.current is what is there`, {
      resource: `field/${field ?? tokensOf(place)[0] ?? ''}`,
      issues: [{ path: at, message }],
      current: found ?? null,
    });
  }
}

function within(field: string, operation: PatchOperation): PatchOperation {
  const prefix = pointerTo(field);
  const path = prefix + operation.path;
  return 'from' in operation ? { ...operation, path, from: prefix + operation.from } : { ...operation, path };
}
