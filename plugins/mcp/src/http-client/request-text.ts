/** A request that is sent whole. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With its query. */
  readonly path: string;
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

/**
 * A request as it goes over the wire, in one piece.
 *
 * @param host of the URL, with its port unless that is the scheme's
 * @throws Error naming the field that no header can have: nothing gets into a header that could end it
 */
export function requestText({ method, path, headers, body }: HttpRequest, host: string): string | Buffer {
  if (!PATH.test(path)) throw new Error('the path of a request has characters that no path has');
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  let narrow = true;
  for (const name in headers) {
    const value = headers[name] ?? '';
    if (!NAME.test(name) || isOurs(name)) throw new Error(`the header ${JSON.stringify(name)} cannot be sent`);
    if (!ASCII.test(value)) {
      if (!VALUE.test(value)) throw new Error(`the header ${name} has characters that no header has`);
      narrow = false;
    }
    head += `${name}: ${value}\r\n`;
  }
  if (body === undefined) head += '\r\n';
  else head += `content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  // A header is latin1 on the wire and a body UTF-8; what is ASCII is both.
  if (narrow) return body === undefined ? head : head + body;
  return Buffer.concat([Buffer.from(head, 'latin1'), Buffer.from(body ?? '')]);
}
