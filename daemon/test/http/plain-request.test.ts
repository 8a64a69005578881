import { expect } from 'chai';
import fc from 'fast-check';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { PlainRequestReader, type PlainRequest, type Reading } from '../../src/http/plain-request.js';

const LIMITS = { headerBytes: 1_000, bodyBytes: 100 };
const readBytes = (bytes: Buffer): Reading => new PlainRequestReader(LIMITS).read(bytes);
const read = (text: string): Reading => readBytes(Buffer.from(text, 'latin1'));
const plain = (fields: readonly string[], body = '{}'): string =>
  ['POST /mcp HTTP/1.1', 'Host: here', ...fields, '', body].join('\r\n');

/** What node's own server makes of bytes: the requests that it finds in them. */
class NodeReader {
  readonly #found: PlainRequest[] = [];
  readonly #server = createServer((request: IncomingMessage, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      this.#found.push({ url: request.url ?? '', headers: request.headers, body: Buffer.concat(parts) });
      response.end();
    });
  });

  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async read(bytes: Buffer): Promise<readonly PlainRequest[]> {
    this.#found.length = 0;
    const socket = connect((this.#server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume().end(bytes);
    await once(socket, 'close');
    return [...this.#found];
  }

  stop(): void {
    this.#server.close();
  }
}

describe('PlainRequestReader', () => {
  it('reads a POST whose length is said, to its last byte [DAEMON-45]', () => {
    const reading = read(plain(['Content-Length: 3', 'X-Long:  a b\t'], 'abc'));
    expect(reading).to.deep.equal({
      url: '/mcp',
      headers: { host: 'here', 'content-length': '3', 'x-long': 'a b' },
      body: Buffer.from('abc'),
    });
  });

  it('reads what is said once more, and another length beside it [DAEMON-45]', () => {
    const reader = new PlainRequestReader(LIMITS);
    const lengths = ['3', '3', '10', '2', '007', '', 'x', '-1', '4'];
    const readings = lengths.map((length) => {
      const text = plain([`Content-Length: ${length}`, 'X: 3'], 'b'.repeat(Math.max(0, Number(length) || 0)));
      const reading = reader.read(Buffer.from(text));
      expect(reading).to.deep.equal(read(text));
      return typeof reading === 'string' ? reading : [reading.headers['content-length'], reading.body.length];
    });
    const good = [
      ['3', 3],
      ['3', 3],
      ['10', 10],
      ['2', 2],
      ['007', 7],
    ];
    expect(readings).to.deep.equal([...good, 'other', 'other', 'other', ['4', 4]]);
  });

  it('takes no head for another of which it has the beginning or the end [DAEMON-45]', () => {
    const reader = new PlainRequestReader(LIMITS);
    for (const fields of [['X: 1', 'Content-Length: 2'], ['Content-Length: 2'], ['Content-Length: 2', 'X: 1']]) {
      const text = plain(fields);
      expect(reader.read(Buffer.from(text))).to.deep.equal(read(text));
    }
    const twice = plain(['Content-Length: 2', 'X: 1', 'Content-Length: 2', 'X: 1']);
    expect(reader.read(Buffer.from(twice))).to.equal('other');
  });

  it('knows what is not whole yet [DAEMON-45]', () => {
    const whole = plain(['Content-Length: 2']);
    const readings = new Set(Array.from({ length: whole.length - 1 }, (_, i) => read(whole.slice(0, i + 1))));
    expect([...readings]).to.deep.equal(['partial']);
  });

  for (const [what, text] of Object.entries({
    'another method': 'GET /mcp HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n',
    'another version': plain(['Content-Length: 2']).replace('HTTP/1.1', 'HTTP/1.0'),
    'an absolute target': plain(['Content-Length: 2']).replace('/mcp', 'http://here/mcp'),
    'no host': 'POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n',
    'a length that is not said': plain([]),
    'a length said twice': plain(['Content-Length: 2', 'Content-Length: 2']),
    'a length with a sign': plain(['Content-Length: +2']),
    'a length of several': plain(['Content-Length: 2, 2']),
    'a length over the limit': plain(['Content-Length: 101'], 'x'.repeat(101)),
    'a head over the limit': plain(['Content-Length: 2', `X: ${'y'.repeat(1_000)}`]),
    'a head over the limit that does not end': `POST / HTTP/1.1\r\nX: ${'y'.repeat(1_000)}`,
    chunks: plain(['Transfer-Encoding: chunked', 'Content-Length: 2']),
    'a client that waits to be told to go on': plain(['Content-Length: 2', 'Expect: 100-continue']),
    'an upgrade': plain(['Content-Length: 2', 'Connection: upgrade', 'Upgrade: websocket']),
    'a connection that is to be closed': plain(['Content-Length: 2', 'Connection: close']),
    'a folded line': plain(['Content-Length: 2', 'X: a', ' b']),
    'space before the colon': plain(['Content-Length : 2']),
    'a line break of one character': plain(['X: a\nContent-Length: 2']),
    'a name that no object has': plain(['Content-Length: 2', '__proto__: a']),
    'a connection to a proxy': plain(['Content-Length: 2', 'Proxy-Connection: close']),
    'a name that comes twice': plain(['Content-Length: 2', 'X: a', 'x: b']),
    'characters beyond ASCII': plain(['Content-Length: 2', 'X: \xe4']),
    'bytes behind the body': plain(['Content-Length: 2'], '{}P'),
  })) {
    it(`leaves ${what} to who knows all of HTTP [DAEMON-45]`, () => expect(read(text)).to.equal('other'));
  }

  it('reads nothing that node reads otherwise [DAEMON-45]', async function () {
    this.timeout(180_000);
    const field = fc.constantFrom(
      ...[
        'A: b',
        'C: d',
        'E:f ',
        'Content-Length: 3',
        'content-length:2',
        'Content-Length: 02',
        'Transfer-Encoding: chunked',
      ],
      ...[
        'Host: there',
        'X: a',
        'X:b',
        'X: a\r\n b',
        'X\t: a',
        'X: \x00',
        'Connection: keep-alive',
        'Connection: Close',
        ': a',
      ],
      ...[
        '__proto__: a',
        'Cookie: a=b',
        'Trailer: X',
        'Expect: 100-continue',
        'X: a\nY: b',
        'X: a\rY: b',
        'Keep-Alive: 3',
      ],
    );
    const mutation = fc.record({
      fields: fc.array(field, { maxLength: 3 }),
      length: fc.constantFrom('Content-Length: 2', 'Content-Length: 2', 'Content-Length: 3', 'X: y'),

      body: fc.constantFrom('{}', '{}', '{}', '{}', '', '{}{', '2\r\n{}\r\n0\r\n\r\n', '{}\r\n', 'POST / HTTP/1.1\r\n'),
      at: fc.nat(120),
      put: fc.constantFrom('', '', '', '', '', '', 'a', ' ', '\r', '\n', '\r\n', '\x00', ':', '\x7f', '\xff'),
    });
    const remembered = fc.option(fc.constantFrom(['Content-Length: 3'], ['X: a', 'Content-Length: 3', 'E:f ']), {
      nil: undefined,
    });
    const node = new NodeReader();
    await node.start();
    let both = 0;
    const agrees = fc.assert(
      fc.asyncProperty(mutation, remembered, async ({ fields, length, body, at, put }, before) => {
        const text = plain([length, ...fields], body);
        const bytes = Buffer.from(text.slice(0, at) + put + text.slice(at), 'latin1');
        const reading = readBytes(bytes);
        const again = new PlainRequestReader(LIMITS);
        again.read(Buffer.from(plain(before ?? ['Content-Length: 3', ...fields], 'abc'), 'latin1'));
        // Whatever came before it over the connection.
        expect(again.read(bytes)).to.deep.equal(reading);
        if (typeof reading === 'string') return;
        both += 1;
        const found = await node.read(bytes);
        const seen = found.map((each) => ({ ...each, headers: { ...each.headers } }));
        expect(seen).to.deep.equal([{ ...reading, headers: { ...reading.headers } }]);
      }),
      { numRuns: 6_000 },
    );
    await agrees.finally(() => node.stop());
    expect(both).to.be.greaterThan(100);
  });
});
