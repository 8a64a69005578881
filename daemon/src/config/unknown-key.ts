import { nearest } from '@ai-orchestrator/core/nearest';

/** What is said of a member that nobody knows: which one was probably meant, else which ones there are. */
export function unknownKey(name: string, known: readonly string[], parent: readonly string[]): string {
  const meant = nearest(name, known);
  const advice =
    meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean ${keyText([...parent, meant])}?`;
  return `unknown key; ${advice}`;
}

/** A key as people write it: `tools.grants[0].principals`. */
export function keyText(key: readonly string[]): string {
  return key.map((name, i) => (/^\d+$/.test(name) ? `[${name}]` : i === 0 ? name : `.${name}`)).join('');
}
