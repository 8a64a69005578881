import { hash } from 'node:crypto';

const CONTEXTS = 'contexts/';
const DIGITS = 16;

/** Settings and participants of a context. */
export function contextKey(contextId: string): string {
  return `${CONTEXTS}records/${contextId}`;
}

/** How far its transcript is. */
export function headKey(contextId: string): string {
  return `${CONTEXTS}heads/${contextId}`;
}

/** Whose turn it is. */
export function turnKey(contextId: string): string {
  return `${CONTEXTS}turns/${contextId}`;
}

/** One entry of its transcript. */
export function entryKey(contextId: string, entry: number): string {
  return `${CONTEXTS}entries/${contextId}/${padded(entry)}`;
}

/** That a principal takes part in it. */
export function memberKey(principal: string, contextId: string): string {
  return `${memberPrefix(principal)}${contextId}`;
}

/** Before the ids of the contexts that a principal takes part in. */
export function memberPrefix(principal: string): string {
  return `${CONTEXTS}of/${hash('sha256', principal, 'hex')}/`;
}

/** How many contexts a principal has made. */
export function ownerKey(principal: string): string {
  return `${CONTEXTS}owners/${hash('sha256', principal, 'hex')}`;
}

/** That entries of a context may have to go at a time, wall-clock ms. */
export function dueKey(at: number, contextId: string): string {
  return `${DUE_PREFIX}${padded(at)}/${contextId}`;
}

/** That a context is being erased. */
export function erasingKey(contextId: string): string {
  return ERASING_PREFIX + contextId;
}

/** The context in a key that {@link dueKey} made. */
export function contextInDueKey(key: string): string {
  return key.slice(DUE_PREFIX.length + DIGITS + 1);
}

/** Before all {@link dueKey}s. */
export const DUE_PREFIX = `${CONTEXTS}due/`;
/** Before all {@link erasingKey}s. */
export const ERASING_PREFIX = `${CONTEXTS}erasing/`;
/** Before all {@link contextKey}s. */
export const RECORD_PREFIX = `${CONTEXTS}records/`;

/** The first key after all that begin with a prefix that ends with `/`. */
export function after(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

/** That a message, a task or a state belongs to a context; in the commit that makes it, so that an erasure finds it. */
export function contextItemKey(contextId: string, kind: string, id: string): string {
  return `${contextItemPrefix(contextId, kind)}${id}`;
}

/** Before the ids of what belongs to a context. */
export function contextItemPrefix(contextId: string, kind: string): string {
  return `context-items/${contextId}/${kind}/`;
}

function padded(n: number): string {
  return String(Math.max(0, Math.floor(n))).padStart(DIGITS, '0');
}
