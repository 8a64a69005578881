/** Header fields by lower-case name; several of one name are a list. */
export type HeaderFields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Status line and header of an answer, and what they say of its body and connection. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: HeaderFields;
  /** How the end of the body is found [RFC 9112 §6.3]: after so many bytes, by chunks, or where the connection ends. */
  readonly body: number | 'chunked' | 'rest';
  /** Whether the connection can be used again after it. */
  readonly keepsAlive: boolean;
  /** For how long an unused connection is kept, where the server says so [RFC 2068 §19.7.1.1], milliseconds. */
  readonly idleMs: number | undefined;
}

/** What a server sent is no HTTP/1.1 that could be read in one way only. */
export class MalformedAnswer extends Error {
  constructor(what: string) {
    super(`the server answered with malformed HTTP: ${what}`);
  }
}

const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const LENGTH = /^\d{1,15}$/;

/**
 * Reads the head of an answer, without the empty line that ends it.
 *
 * @throws MalformedAnswer where it breaks the grammar, or says two things of where its body ends [RFC 9112 §6.3, §11.2]
 */
export function readHead(text: string): AnswerHead {
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, digits] = STATUS_LINE.exec(first) ?? [];
  if (minor === undefined) throw new MalformedAnswer('no status line');
  const headers = fieldsOf(lines);
  const status = Number(digits);
  const options = listOf(headers.connection);
  const keepsAlive = !options.includes('close') && (minor === '1' || options.includes('keep-alive'));
  const [, seconds] = /(?:^|[,;\s])timeout=(\d{1,6})/i.exec(oneOf(headers['keep-alive'])) ?? [];
  const idleMs = seconds === undefined ? undefined : Number(seconds) * 1000;
  return { status, headers, body: bodyOf(status, headers, minor === '1'), keepsAlive, idleMs };
}

function fieldsOf(lines: readonly string[]): HeaderFields {
  const fields = Object.create(null) as Record<string, string | string[]>;
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    // Neither a folded line nor space before the colon is taken for something [RFC 9112 §5.1, §5.2].
    if (!NAME.test(name)) throw new MalformedAnswer('a line of the header is no field');
    if (!VALUE.test(line)) throw new MalformedAnswer(`${name} has characters that no field has`);
    const key = name.toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = fields[key];
    fields[key] = before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value];
  }
  return fields;
}

function bodyOf(status: number, headers: HeaderFields, mayChunk: boolean): AnswerHead['body'] {
  if (status < 200 || status === 204 || status === 304) return 0;
  const { 'transfer-encoding': encoding, 'content-length': length } = headers;
  if (encoding !== undefined) {
    if (length !== undefined) throw new MalformedAnswer('both Transfer-Encoding and Content-Length');
    if (!mayChunk || oneOf(encoding).toLowerCase() !== 'chunked') throw new MalformedAnswer('its Transfer-Encoding');
    return 'chunked';
  }
  if (length === undefined) return 'rest';
  // The same said twice is one thing [RFC 9110 §8.6].
  const [value = '', ...others] = listOf(length);
  if (!LENGTH.test(value) || others.some((other) => other !== value)) throw new MalformedAnswer('its Content-Length');
  return Number(value);
}

function oneOf(field: HeaderFields[string]): string {
  return typeof field === 'object' ? field.join(', ') : (field ?? '');
}

function listOf(field: HeaderFields[string]): readonly string[] {
  return oneOf(field)
    .split(',')
    .map((each) => each.trim().toLowerCase());
}
