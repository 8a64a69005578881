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
const REQUEST_LINE = /^POST (\/[!-~]*) HTTP\/1\.1\r\n/;
/** A field whose value is visible ASCII [RFC 9110 §5.5]; sticky, so that field follows field without a gap. */
const FIELD = /([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([\t -~]*)(?:\r\n|$)/y;
const LENGTH = /^\d{1,15}$/;
/** What changes how the rest of a request or of a connection is to be read, asks for more than an answer, or is no field to node. */
const NOT_PLAIN = ['transfer-encoding', 'expect', 'upgrade', 'te', 'trailer', '__proto__'] as const;

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
  const line = REQUEST_LINE.exec(head);
  const headers = line === null ? undefined : fieldsOf(head, line[0].length);
  if (headers === undefined || !isPlain(headers)) return 'other';
  const length = headers['content-length'] ?? '';
  if (!LENGTH.test(length) || Number(length) > limits.bodyBytes) return 'other';
  const body = bytes.subarray(headBytes + END_OF_HEAD.length);
  if (body.length < Number(length)) return 'partial';
  return body.length > Number(length) ? 'other' : { url: line?.[1] ?? '', headers, body };
}

function fieldsOf(head: string, from: number): IncomingHttpHeaders | undefined {
  const headers = Object.create(null) as Record<string, string>;
  FIELD.lastIndex = from;
  while (FIELD.lastIndex < head.length) {
    const [, name = '', value = ''] = FIELD.exec(head) ?? [];
    const key = name.toLowerCase();
    if (name === '' || key in headers) return undefined;
    headers[key] = value.trimEnd();
  }
  return headers;
}

function isPlain(headers: IncomingHttpHeaders): boolean {
  const { host, connection } = headers;
  if (host === undefined || (connection !== undefined && connection.toLowerCase() !== 'keep-alive')) return false;
  return !NOT_PLAIN.some((name) => name in headers);
}
