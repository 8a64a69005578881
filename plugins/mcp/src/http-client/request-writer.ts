/** A request that is sent whole. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
  /** Not changed any more. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const ASCII = /^[\t\x20-\x7e]*$/;
const PATH = /^\/[\x21-\x7e]*$/;
/** Fields that say how the message or its connection is read, which is ours to say. */
const OURS = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Whether a field is never somebody else's to set. */
export function isOurs(name: string): boolean {
  return OURS.has(name.toLowerCase());
}

/** Names whose latest line is remembered. */
const REMEMBERED_NAMES = 64;
/** Longer values are not. */
const REMEMBERED_CHARACTERS = 1_024;

/** A part of a header as it is written. */
interface Written {
  readonly text: string;
  /** Whether it is ASCII. */
  readonly narrow: boolean;
}

interface Line extends Written {
  readonly value: string;
}

interface Lines extends Written {
  readonly of: HttpRequest['headers'];
}

/** Writes the requests to one origin; a field that says what the one before of its name said is not looked at again. */
export class RequestWriter {
  readonly #latest = new Map<string, Line>();
  /** All fields of the latest request. */
  #lines: Lines | undefined;
  readonly #host: string;

  /** @param host of the URL, with its port unless that is the scheme's */
  constructor(host: string) {
    this.#host = ` HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  }

  /**
   * A request as it goes over the wire, in one piece: text where all of it is ASCII.
   *
   * @throws Error naming the field that no header can have: nothing gets into a header that could end it
   */
  text({ method, path, headers, body }: HttpRequest): string | Buffer {
    if (!PATH.test(path)) throw new Error('the path of a request has characters that no path has');
    const lines = this.#lines?.of === headers ? this.#lines : (this.#lines = this.#linesOf(headers));
    const start = `${method} ${path}${this.#host}${lines.text}`;
    const bytes = body === undefined ? 0 : Buffer.byteLength(body);
    const head = body === undefined ? `${start}\r\n` : `${start}content-length: ${bytes}\r\n\r\n`;
    if (lines.narrow && bytes === (body?.length ?? 0)) return body === undefined ? head : head + body;
    // A header is latin1 on the wire and a body UTF-8.
    return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body ?? '')]);
  }

  #linesOf(headers: HttpRequest['headers']): Lines {
    const lines = Object.keys(headers).map((name) => this.#line(name, headers[name] ?? ''));
    // Joined and not added up, so that it is put together once and not with each request.
    return { of: headers, text: lines.map(({ text }) => text).join(''), narrow: lines.every(({ narrow }) => narrow) };
  }

  #line(name: string, value: string): Line {
    const known = this.#latest.get(name);
    if (known?.value === value) return known;
    if (!NAME.test(name) || isOurs(name)) throw new Error(`the header ${JSON.stringify(name)} cannot be sent`);
    const narrow = ASCII.test(value);
    if (!narrow && !VALUE.test(value)) throw new Error(`the header ${name} has characters that no header has`);
    const line = { value, text: `${name}: ${value}\r\n`, narrow };
    const hasRoom = known !== undefined || this.#latest.size < REMEMBERED_NAMES;
    if (hasRoom && line.text.length <= REMEMBERED_CHARACTERS) this.#latest.set(name, line);
    return line;
  }
}
