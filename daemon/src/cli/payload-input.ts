import type { Context } from './context.js';
import { jsonInput } from './json-input.js';

/**
 * What an argument says: JSON, or with `--text` the text itself; `-` reads it from stdin.
 *
 * @param argument what the argument is called in the help
 * @throws CommandFailure `usage` with what the parser says
 */
export async function payloadInput(
  text: string,
  { text: asText }: { readonly text?: boolean },
  argument: string,
  context: Context,
): Promise<unknown> {
  if (asText !== true) return jsonInput(text, argument, context);
  return text === '-' ? context.readInput() : text;
}
