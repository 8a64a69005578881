/** JSON text without the comments and trailing commas that editors allow in their settings. */
export function withoutComments(text: string): string {
  const token = /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*[}\]])/g;
  return text.replace(token, (_, string: string | undefined) => string ?? '');
}
