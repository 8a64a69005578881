/** JSON text in which objects have their members in order of name: equal values have equal texts. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  return ofObject(value as Readonly<Record<string, unknown>>);
}

function ofObject(object: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(object);
  if (!isSorted(names)) names.sort();
  let text = '{';
  for (const name of names) {
    const member = object[name];
    if (member !== undefined) text += `${text === '{' ? '' : ','}${quoted(name)}:${canonicalJson(member)}`;
  }
  return `${text}}`;
}

/** Nearly always so, which is seen for less than sorting takes. */
function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i++) if ((names[i - 1] ?? '') > (names[i] ?? '')) return false;
  return true;
}

/** Nothing that JSON writes otherwise than it is [RFC 8259 §7]. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A string as `JSON.stringify` has it, by a shorter way for what nearly all are. */
export function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}
