import type { IncomingHttpHeaders } from 'node:http';

/** A request of the plainest kind: a POST of HTTP/1.1 whose body has a length that is said. */
export interface PlainRequest {
  /** Path and query. */
  readonly url: string;
  /** By lower-case name; no name comes twice. */
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
/** What changes how the rest of a request or of a connection is to be read, asks for more than an answer, or is more than a text to node. */
const NOT_PLAIN = ['transfer-encoding', 'expect', 'upgrade', 'proxy-connection', 'set-cookie'] as const;

/**
 * Reads one whole plain request, which the bytes must be to the last. Whatever could be read in a second way is `other`: a name that comes
 * twice, a folded line, a length that is no number, bytes behind the body [RFC 9112 §2.2, §5.2, §6.3, §11.2].
 */
export function readPlainRequest(bytes: Buffer, limits: PlainLimits): Reading {
  const headBytes = bytes.indexOf(END_OF_HEAD);
  if (headBytes === -1) {
    const begun = bytes.toString('latin1', 0, METHOD.length);
    return METHOD.startsWith(begun) && bytes.length <= limits.headerBytes ? 'partial' : 'other';
  }
  if (headBytes > limits.headerBytes) return 'other';
  const head = bytes.toString('latin1', 0, headBytes);
  if (!HEAD.test(head)) return 'other';
  const target = head.indexOf(VERSION);
  const headers = fieldsOf(head, target + VERSION.length);
  if (headers === undefined || !isPlain(headers)) return 'other';
  const length = headers['content-length'] ?? '';
  if (!LENGTH.test(length) || Number(length) > limits.bodyBytes) return 'other';
  const body = bytes.subarray(headBytes + END_OF_HEAD.length);
  if (body.length < Number(length)) return 'partial';
  return body.length > Number(length) ? 'other' : { url: head.slice(METHOD.length, target), headers, body };
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
