/** Whether a name fits a pattern, in which `*` stands for any characters, also none. */
export function fits(pattern: string, name: string): boolean {
  // Most patterns are a name, or everything.
  if (pattern === '*' || pattern === name) return true;
  if (!pattern.includes('*')) return false;
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop() ?? '';
  if (!name.startsWith(first) || name.length < first.length + last.length || !name.endsWith(last)) return false;
  const end = name.length - last.length;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return true;
}

/** Whether a name fits one of several patterns; no patterns at all leave nothing out. */
export function fitsAny(patterns: readonly string[] | undefined, name: string): boolean {
  return patterns === undefined || patterns.some((pattern) => fits(pattern, name));
}
