import { CommandFailure } from './command-failure.js';
import type { Context } from './context.js';

/**
 * The JSON of an argument; `-` reads it from stdin.
 *
 * @param argument what the argument is called in the help
 * @throws CommandFailure `usage` with what the parser says
 */
export async function jsonInput(text: string, argument: string, context: Context): Promise<unknown> {
  const source = text === '-' ? await context.readInput() : text;
  try {
    return JSON.parse(source) as unknown;
  } catch (error) {
    throw new CommandFailure(
      'usage',
      `${argument} is not JSON: ${(error as Error).message}.`,
      text === '-' ? 'Pipe one JSON text in.' : `Quote it for the shell: '{"name": "Ada"}', or '"just text"'.`,
      undefined,
      { cause: error },
    );
  }
}

/** As {@link jsonInput}, and an object. */
export async function jsonObjectInput(
  text: string,
  argument: string,
  context: Context,
): Promise<Readonly<Record<string, unknown>>> {
  const value = await jsonInput(text, argument, context);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CommandFailure('usage', `${argument} is not a JSON object.`, `Write '{"name": "value"}'.`);
  }
  return value as Readonly<Record<string, unknown>>;
}
