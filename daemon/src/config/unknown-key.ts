import { nearest } from '@ai-orchestrator/core/nearest';

/** What is said of a member that nobody knows: which one was probably meant, else which ones there are. */
export function unknownKey(name: string, known: readonly string[], parent: readonly string[]): string {
  const meant = nearest(name, known);
  const advice =
    meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${keyText([...parent, meant])}?`;
  return `unknown key; ${advice}`;
}

/** A key as people write it: `tools.grants[0].principals`, or `plugins["5"]`. @param root what it is a key of, which says what is a list */
export function keyText(key: readonly string[], root?: unknown): string {
  let at = root;
  const parts = key.map((name, i) => {
    const isPlace = Array.isArray(at);
    at = typeof at === 'object' && at !== null ? (at as Readonly<Record<string, unknown>>)[name] : undefined;
    if (isPlace) return `[${name}]`;
    return /^\d+$/.test(name) ? `["${name}"]` : i === 0 ? name : `.${name}`;
  });
  return parts.join('');
}
