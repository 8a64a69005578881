import type { IncomingHttpHeaders } from 'node:http';

/** A request of the plainest kind: a POST of HTTP/1.1 whose body has a length that is said. */
export interface PlainRequest {
  /** Path and query. */
  readonly url: string;
  /** By lower-case name; no name comes twice. Frozen, as another request may have the same. */
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What the first bytes of a connection are: `partial` may become a plain request, `other` never will. */
export type Reading = PlainRequest | 'partial' | 'other';

/** Bounds of a plain request. */
export interface PlainLimits {
  readonly headerBytes: number;
  readonly bodyBytes: number;
}

const END_OF_HEAD = Buffer.from('\r\n\r\n');
const METHOD = 'POST ';
/** A path, and fields whose values are visible ASCII, without a gap between them [RFC 9112 §3, §5; RFC 9110 §5.5]. */
const HEAD = /^POST \/[!-~]* HTTP\/1\.1(?:\r\n[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~]*)+$/;
const VERSION = ' HTTP/1.1\r\n';
const LENGTH = /^\d{1,15}$/;
const SAID_LENGTH = /(\r\ncontent-length:[\t ]*)(\d{1,15})(?=[\t ]*(?:\r\n|$))/i;
/** What changes how the rest of a request or of a connection is to be read, asks for more than an answer, or is more than a text to node. */
const NOT_PLAIN = ['transfer-encoding', 'expect', 'upgrade', 'proxy-connection', 'set-cookie'] as const;

/** Longer heads are not remembered: nearly none is, and anybody can open connections. */
const REMEMBERED_CHARACTERS = 2_048;

/** A head that was read: what it says, and its text up to its length and from behind that. */
interface Head {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly before: string;
  readonly length: string;
  readonly after: string;
}

/**
 * Reads the requests of one connection. Whatever could be read in a second way is `other`: a name that comes twice, a folded line, a length
 * that is no number, bytes behind the body [RFC 9112 §2.2, §5.2, §6.3, §11.2].
 */
export class PlainRequestReader {
  /** The last one: nearly all clients say the same of each request but how long it is, and that is not read again. */
  #head: Head | undefined;

  constructor(private readonly limits: PlainLimits) {}

  /** Reads one whole plain request, which the bytes must be to the last. */
  read(bytes: Buffer): Reading {
    const { headerBytes, bodyBytes } = this.limits;
    const headBytes = bytes.indexOf(END_OF_HEAD);
    if (headBytes === -1) {
      const begun = bytes.toString('latin1', 0, METHOD.length);
      return METHOD.startsWith(begun) && bytes.length <= headerBytes ? 'partial' : 'other';
    }
    if (headBytes > headerBytes) return 'other';
    const text = bytes.toString('latin1', 0, headBytes);
    const head = (this.#head && sameBut(this.#head, text)) ?? readHead(text);
    if (head === undefined) return 'other';
    this.#head = text.length > REMEMBERED_CHARACTERS ? undefined : head;
    const length = Number(head.length);
    if (length > bodyBytes) return 'other';
    const body = bytes.subarray(headBytes + END_OF_HEAD.length);
    if (body.length < length) return 'partial';
    return body.length > length ? 'other' : { url: head.url, headers: head.headers, body };
  }
}

/** What a text says that differs from that of another head in the length at most. */
function sameBut(head: Head, text: string): Head | undefined {
  const { url, before, after } = head;
  if (!text.startsWith(before) || !text.endsWith(after)) return undefined;
  const length = text.slice(before.length, Math.max(before.length, text.length - after.length));
  if (length === head.length) return head;
  if (!LENGTH.test(length)) return undefined;
  return { url, headers: Object.freeze({ ...head.headers, 'content-length': length }), before, length, after };
}

function readHead(text: string): Head | undefined {
  if (!HEAD.test(text)) return undefined;
  const target = text.indexOf(VERSION);
  const headers = fieldsOf(text, target + VERSION.length);
  if (headers === undefined || !isPlain(headers)) return undefined;
  const found = SAID_LENGTH.exec(text);
  if (found === null) return undefined;
  const [said, before = '', length = ''] = found;
  const url = text.slice(METHOD.length, target);
  return {
    url,
    headers: Object.freeze(headers),
    before: text.slice(0, found.index) + before,
    length,
    after: text.slice(found.index + said.length),
  };
}

/** The fields, unless a name comes twice or is none to an object. */
function fieldsOf(head: string, from: number): IncomingHttpHeaders | undefined {
  const headers: Record<string, string> = {};
  for (let at = from, end = 0; end !== head.length; at = end + 2) {
    const colon = head.indexOf(':', at);
    const next = head.indexOf('\r\n', colon);
    end = next === -1 ? head.length : next;
    const name = head.slice(at, colon).toLowerCase();
    if (Object.hasOwn(headers, name) || name === '__proto__') return undefined;
    headers[name] = head.slice(colon + 1, end).trim();
  }
  return headers;
}

function isPlain(headers: IncomingHttpHeaders): boolean {
  const { host, connection } = headers;
  if (host === undefined || (connection !== undefined && connection.toLowerCase() !== 'keep-alive')) return false;
  return !NOT_PLAIN.some((name) => headers[name] !== undefined);
}
