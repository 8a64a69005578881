/**
 * Text of somebody else with everything that cannot be seen written out: control characters, colours, marks that turn the direction of
 * writing, spaces of no width. What is approved by eye must not look like something else.
 */
export function revealed(text: string): string {
  return text.replace(
    /[^\P{C}\n\t]|[\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u3164\ufe00-\ufe0f\uffa0]/gu,
    (found) => {
      const code = (found.codePointAt(0) ?? 0).toString(16);
      return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\u{${code}}`;
    },
  );
}
