const REDACTED = '[redacted]';

/** Names whose values never reach a log, whatever their case: `token`, `Authorization`, `dbPassword`, `set-cookie` ... */
const SECRET_NAME = /(?:token|secret|passw(?:or)?d|passphrase|authorization|cookie|api[-_]?key|private[-_]?key)$/i;
const DEPTH = 8;

/**
 * A copy of log fields without the values of members whose names say secret; the same object when there are none. Looks at plain
 * objects and arrays down to a depth of 8, deeper ones are left out; errors and other class instances go on as they are.
 */
export function redactByName(fields: object): object {
  return redactedObject(fields, 0) as object;
}

function redactedObject(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === Object.prototype || prototype === null;
  if (!plain && !Array.isArray(value)) return value;
  if (depth === DEPTH) return '[deeper]';
  let copy: Record<string, unknown> | undefined;
  for (const [name, member] of Object.entries(value)) {
    const kept = !Array.isArray(value) && SECRET_NAME.test(name) ? REDACTED : redactedObject(member, depth + 1);
    if (kept === member) continue;
    copy ??= (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
    copy[name] = kept;
  }
  return copy ?? value;
}

/** A line without the keys of ours that got into its text. */
export function redactKeys(line: string): string {
  return line.includes('orc') ? line.replace(/\borc[a-z]?_[A-Za-z0-9_-]{8,}/g, `orc_${REDACTED}`) : line;
}
