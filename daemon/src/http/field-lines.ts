import { validateHeaderName, validateHeaderValue } from './node-http.js';

/** Names whose latest line is remembered. */
const REMEMBERED_NAMES = 64;
/** Longer values are not. */
const REMEMBERED_CHARACTERS = 256;

type Value = number | string;

/** Makes the lines of header fields; one that says what the one before of its name said is not looked at again. */
export class FieldLines {
  readonly #latest = new Map<string, { readonly value: Value; readonly line: string }>();

  /**
   * The field with the end of its line; several values are as many lines.
   *
   * @throws TypeError as node has it: a line break in a value would be a field, or an answer, of somebody else's making
   */
  of(name: string, value: Value | readonly string[]): string {
    if (typeof value === 'object') return value.map((each) => this.of(name, each)).join('');
    const known = this.#latest.get(name);
    if (known?.value === value) return known.line;
    const text = String(value);
    validateHeaderName(name);
    validateHeaderValue(name, text);
    const line = `${name}: ${text}\r\n`;
    const hasRoom = known !== undefined || this.#latest.size < REMEMBERED_NAMES;
    if (hasRoom && line.length <= REMEMBERED_CHARACTERS) this.#latest.set(name, { value, line });
    return line;
  }
}
